"""How far a score may move until a later moment: its least and its most until then.

Between now and any later moment a line stays within what it gives at both ends, because every
decay shrinks all the time. Sums, caps and weights keep that order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, TypeAlias

from .decay import Decay, HalfLife, NoDecay
from .evaluate import weigh
from .lines import Line
from .scorecard import Group, Scorecard

#: The least and the most of "score" and of each dimension, by name, micro-points.
Reach: TypeAlias = tuple[dict[str, int], dict[str, int]]


class _Curve(NamedTuple):
    """Points that change: what they give now, and at a later moment.

    Those that begin later than now (``start``), or end (``end``), may also give nothing.
    """

    begins: int
    ends: Callable[[datetime], int]
    start: datetime | None = None
    end: datetime | None = None


class _Moving(NamedTuple):
    """A group of which something changes: the sum of what does not, and the rest."""

    group: Group
    resting: int
    curves: Sequence[_Curve]


@dataclass(frozen=True, slots=True)
class Outlook:
    """What lines may come to: groups that move, and the dimensions without them."""

    card: Scorecard
    resting: dict[str, int]
    moving: Sequence[_Moving]

    def reach(self, until: datetime) -> Reach:
        """The least and the most of everything at any moment from now until then."""
        least, most = self.resting.copy(), self.resting.copy()
        for group, resting, curves in self.moving:
            low = high = resting
            for begins, at, start, end in curves:
                if start is not None and start > until:
                    continue
                ends = at(until)
                first, last = (begins, ends) if begins < ends else (ends, begins)
                if start is not None or (end is not None and end <= until):
                    first, last = min(first, 0), max(last, 0)
                low += first
                high += last
            least[group.dimension] += group.bounds.clamp(low)
            most[group.dimension] += group.bounds.clamp(high)
        for values in (least, most):
            values["score"] = weigh(self.card, values, [])
        return least, most


def outlook(card: Scorecard, lines: Iterable[Line], now: datetime) -> Outlook:
    """What these lines may come to from now on; those that ended are left out."""
    sums: defaultdict[str, int] = defaultdict(int)
    curves: defaultdict[str, list[_Curve]] = defaultdict(list)
    alike: dict[tuple[str, int, int], tuple[Line, list[timedelta]]] = {}
    for line in lines:
        if line.valid_from > now or line.valid_to is not None:
            if line.valid_to is None or line.valid_to > now:
                curves[line.group].append(_passing(line, now))
        elif isinstance(line.decay, NoDecay):
            sums[line.group] += line.points
        else:
            key = (line.group, line.points, id(line.decay))
            if key not in alike:
                alike[key] = (line, [])
            alike[key][1].append(now - (line.since or line.valid_from))
    for name, curve in _fading(alike.values(), now):
        curves[name].append(curve)
    dimensions = dict.fromkeys(card.dimensions, 0)
    moving: list[_Moving] = []
    for group in card.groups.values():
        if group.id in curves:
            moving.append(_Moving(group, sums[group.id], curves[group.id]))
        else:
            dimensions[group.dimension] += group.bounds.clamp(sums.get(group.id, 0))
    return Outlook(card, dimensions, moving)


def _passing(line: Line, now: datetime) -> _Curve:
    """A line that begins or ends at a moment of its own."""
    points, left, began = line.points, line.decay.left, line.began
    start = line.valid_from if line.valid_from > now else None
    begins = left(points, (max(now, line.valid_from) - began,))
    return _Curve(begins, lambda until: left(points, (until - began,)), start, line.valid_to)


def _fading(
    alike: Iterable[tuple[Line, list[timedelta]]], now: datetime
) -> Iterable[tuple[str, _Curve]]:
    """By group, points that fade from now on; many lines of one rule are one curve."""
    halving: defaultdict[tuple[str, timedelta, bool], int] = defaultdict(int)
    for line, ages in alike:
        begins = line.decay.left(line.points, ages)
        if isinstance(line.decay, HalfLife):
            # What halves has no memory: however old, it fades like points of this moment.
            halving[line.group, line.decay.span, begins > 0] += begins
        else:
            yield line.group, _Curve(begins, _together(line.decay, line.points, ages, now))
    for (group, span, _), points in halving.items():
        if points:
            yield group, _Curve(points, _together(HalfLife(span), points, [timedelta()], now))


def _together(
    decay: Decay, points: int, ages: Sequence[timedelta], now: datetime
) -> Callable[[datetime], int]:
    def ends(until: datetime) -> int:
        later = until - now
        return decay.left(points, [age + later for age in ages])

    return ends
