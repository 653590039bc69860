"""From how many points on a week's calls are filled: by who rose to them in the last weeks.

A threshold chosen once fills ever more or fewer calls as scores move; this one follows them. Who
stood there already was called before and counts no more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import accumulate
from math import floor
from typing import NamedTuple


class Rise(NamedTuple):
    """Points of a contact when the weeks began (``None``: not known yet), and its best since."""

    before: float | None
    best: float


def risen(rises: Iterable[Rise]) -> dict[int, int]:
    """How many contacts rose to some points or beyond, for all points at which that changes."""
    steps: Counter[int] = Counter()
    for before, best in rises:
        if before is None:
            steps[floor(best)] += 1
        elif floor(best) > floor(before):
            steps.update({floor(best): 1, floor(before): -1})
    highest_first = sorted(steps, reverse=True)
    counts = accumulate(steps[points] for points in highest_first)
    return dict(zip(highest_first, counts, strict=True))


def filling(rose: Mapping[int, float], most: float) -> int | None:
    """The fewest points to which no more than ``most`` contacts rose, nor to any above them.

    ``None`` where more than that rose to the highest.
    """
    least = None
    for points, count in sorted(rose.items(), reverse=True):
        if count > most:
            break
        least = points
    return least


def rising(rose: Mapping[int, float], points: int) -> float:
    """How many contacts rose to at least so many points."""
    steps = [one for one in rose if one >= points]
    return rose[min(steps)] if steps else 0
