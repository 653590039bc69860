"""A contact to be learned from. Needs no library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plugin.scoring.history import History
from plugin.scoring.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Case:
    """A contact, and what became of it if that is known."""

    past: History
    outcome: Outcome | None

    @property
    def began(self) -> datetime | None:
        """When it was first known."""
        past = self.past
        firsts = [one.occurred_at for one in past.activities[:1]]
        return min(firsts + [one.at for one in past.profile[:1]], default=None)

    def open(self, at: datetime) -> bool:
        """Whether it was known, and nobody knew yet what would become of it."""
        end = self.outcome.at if self.outcome else None
        return self.began is not None and self.began <= at and (end is None or at < end)
