"""What is asked of contacts that were won, and what a person allows. Needs no library."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

#: Calls a week for which a threshold is told where nobody asks for others.
CALLS = (3, 6, 12, 25, 50, 100)


#: Characters of a reason: what the audit keeps word for word.
_LONGEST = 500


class NoReason(ValueError):
    """Protected fields are to be used and nobody says why; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Question:
    """Who is won within ``horizon`` of a day, of about ``sample`` contacts, ``every`` so often?

    ``allowed`` are rules that may be used although they look as if they knew the future,
    ``protected`` fields that may be used for this ``reason``, and ``calls`` how many a week sales
    can make. Raises ``NoReason`` for protected fields without a
    reason, or with one that is too long to be kept.
    """

    horizon: timedelta
    every: timedelta
    sample: int
    allowed: frozenset[str] = frozenset()
    protected: frozenset[str] = frozenset()
    reason: str = ""
    calls: tuple[int, ...] = CALLS

    def __post_init__(self) -> None:
        if self.protected and not self.reason.strip():
            raise NoReason(
                f"{', '.join(sorted(self.protected))} must not decide about people without a "
                "reason: write down why it is needed and lawful, it is kept with the proposal"
            )
        if len(self.reason.strip()) > _LONGEST:
            raise NoReason(
                f"the reason has {len(self.reason.strip())} characters, at most {_LONGEST} are "
                "kept: say it shorter"
            )
