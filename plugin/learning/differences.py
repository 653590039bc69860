"""What those who were won share, and those who were not, each with an interval."""

from __future__ import annotations

from dataclasses import dataclass

from plugin.scoring.shares import between

from .indicators import Indicator, holds, indicators
from .table import Flags, Table

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Difference:
    """The share of winners and of others for whom an indicator holds, each from low to high."""

    indicator: Indicator
    support: int
    winners: tuple[float, float]
    others: tuple[float, float]

    @property
    def sure(self) -> bool:
        """Whether the intervals do not meet: more than chance."""
        return self.winners[0] > self.others[1] or self.others[0] > self.winners[1]


def differences(table: Table) -> tuple[Difference, ...]:
    """Where winners and others differ most, the surest first."""
    found: dict[bytes, Difference] = {}
    for one in indicators(table, 5):
        yes = holds(one, table.columns[one.column])
        # Of some rules everybody has a point: they differ only in how many. Many others say the
        # same of everybody: the first stands for them.
        if not yes.all() and (key := yes.tobytes()) not in found:
            found[key] = _difference(one, yes, table.won)
    return tuple(sorted(found.values(), key=_apart, reverse=True)[:_SHOWN])


def _difference(indicator: Indicator, yes: Flags, won: Flags) -> Difference:
    sides = [between(int(yes[side].sum()), int(side.sum())) for side in (won, ~won)]
    return Difference(indicator, int(yes.sum()), sides[0], sides[1])


def _apart(one: Difference) -> float:
    """How far the intervals are apart; negative by how much they overlap."""
    return max(one.winners[0] - one.others[1], one.others[0] - one.winners[1])
