"""Whether scores, and how many are won, have moved since a scorecard was put in force.

What few contacts show may be chance: nothing alarms that chance alone would bring now and then.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log, nextafter
from statistics import quantiles
from typing import Literal, TypeAlias

from .shares import between

#: Population stability index from which on one should look, and from which on thresholds that
#: follow the scores stop; and the share won beside what it was.
WARNS, STOPS = 0.10, 0.20
RATIOS = (0.67, 1.5)
#: Fewer contacts on either side say nothing.
_LEAST = 30
_TENTHS = 10
#: Chance alone moves the index by this, divided by how many were seen, once in a thousand times:
#: somewhat more than chi-squared says, since few are seen (simulated with 30 to 1,000 contacts).
_CHANCE = 35.0
#: Counts where nobody is: a share of none would move the index without end.
_NOBODY = 0.5

Level: TypeAlias = Literal["steady", "moved", "stopped"]


@dataclass(frozen=True, slots=True)
class Seen:
    """The points of contacts that were active in a span, and how many were won in it."""

    points: Sequence[float]
    won: int

    @property
    def enough(self) -> bool:
        """Whether they are enough to compare with."""
        return len(self.points) >= _LEAST


@dataclass(frozen=True, slots=True)
class Drift:
    """``psi`` of the points, ``ratio`` of the shares won; ``None`` where too few were seen."""

    psi: float | None
    ratio: float | None
    level: Level


def drift(before: Seen, after: Seen) -> Drift:
    """How far ``after`` has moved from ``before``, and what it means."""
    if not (before.enough and after.enough):
        return Drift(None, None, "steady")
    psi = population_shift(before.points, after.points)
    old, new = (one.won / (one.won + len(one.points)) for one in (before, after))
    return Drift(psi, new / old if old else None, _level(psi, before, after))


def population_shift(before: Sequence[float], after: Sequence[float]) -> float:
    """Population stability index of points over tenths of ``before``."""
    # Where many share the highest points, whoever has more must not be counted among them.
    beyond = nextafter(max(before), inf)
    edges = sorted({*quantiles(before, n=_TENTHS, method="inclusive"), beyond})
    old, new = (_shares(edges, points) for points in (before, after))
    return sum((b - a) * log(b / a) for a, b in zip(old, new, strict=True))


def _shares(edges: Sequence[float], points: Sequence[float]) -> list[float]:
    counts = [0] * (len(edges) + 1)
    for one in points:
        counts[bisect_right(edges, one)] += 1
    return [(count or _NOBODY) / len(points) for count in counts]


def _level(psi: float, before: Seen, after: Seen) -> Level:
    surely = psi > _CHANCE * (1 / len(before.points) + 1 / len(after.points))
    if psi > STOPS and surely:
        return "stopped"
    return "moved" if (psi > WARNS and surely) or _won_otherwise(before, after) else "steady"


def _won_otherwise(before: Seen, after: Seen) -> bool:
    """Whether another share is won than before, and surely so."""
    (old, old_low, old_high), (new, new_low, new_high) = map(_share_won, (before, after))
    far = not RATIOS[0] * old <= new <= RATIOS[1] * old
    return far and (new_high < old_low or new_low > old_high)


def _share_won(seen: Seen) -> tuple[float, float, float]:
    count = seen.won + len(seen.points)
    return seen.won / count, *between(seen.won, count)
