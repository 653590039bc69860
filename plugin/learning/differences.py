"""What those who were won share, and those who were not, each with an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .indicators import Indicator, holds, indicators
from .table import Flags, Table

_SHOWN, _CERTAIN = 20, 1.96


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
    found = [
        _difference(one, holds(one, table.columns[one.column]), table.won)
        for one in indicators(table, 5)
    ]
    return tuple(sorted(found, key=_apart, reverse=True)[:_SHOWN])


def between(hits: int, count: int) -> tuple[float, float]:
    """Wilson's bounds of a share: it lies between them 19 times out of 20."""
    square = _CERTAIN**2
    share = hits / count
    middle = share + square / (2 * count)
    spread = _CERTAIN * np.sqrt(share * (1 - share) / count + square / (4 * count**2))
    whole = 1 + square / count
    return float((middle - spread) / whole), float((middle + spread) / whole)


def _difference(indicator: Indicator, yes: Flags, won: Flags) -> Difference:
    sides = [between(int(yes[side].sum()), int(side.sum())) for side in (won, ~won)]
    return Difference(indicator, int(yes.sum()), sides[0], sides[1])


def _apart(one: Difference) -> float:
    """How far the intervals are apart; negative by how much they overlap."""
    return max(one.winners[0] - one.others[1], one.others[0] - one.winners[1])
