"""When a score may first leave what it means now, if nothing happens but time.

Every decay shrinks all the time, so what pulls a sum down are its positive points, and what pulls
it up its negative ones: each side is looked at by itself, the upper one upside down. Points that
fade smoothly fall ever more slowly: they stay above the straight line that they follow at any
moment, so going as far as those lines reach never goes too far, and soon arrives. What is lost at
once (``expires``, ``steps``, a line that begins or ends) is an event that is waited for.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import merge
from typing import NamedTuple, TypeAlias

from .decay import Decay, Expires, HalfLife, Linear, NoDecay, Steps, decayed
from .lines import Folding, Line
from .scorecard import Bounds, Scorecard

#: How late a moment is found at most, in seconds.
_SHARP = 30.0
#: What happens even later is nobody's concern.
_FAR = timedelta(days=36_500).total_seconds()
_EVER = timedelta(days=3_650_000)
_LN2 = math.log(2)

#: Seconds from now, a group, and the micro-points that it loses then.
_Loss: TypeAlias = tuple[float, str, int]
#: From so many seconds on something falls by so much a second.
_Fall: TypeAlias = tuple[float, float]


@dataclass(slots=True)
class _Slope:
    """What one group may lose: smoothly, altogether ``smooth`` now, and at once, ``lost`` in all.

    ``halving`` are points by their half-life in seconds: they have no memory, and fade like points
    of now. ``ending`` are the seconds until nothing is left, with the loss a second.
    """

    halving: dict[float, int] = field(default_factory=dict)
    ending: list[tuple[float, float]] = field(default_factory=list)
    smooth: int = 0
    lost: int = 0


class _Side:
    """What pulls the sums of groups to one side; its points are told as if above 0."""

    def __init__(self) -> None:
        self.slopes: defaultdict[str, _Slope] = defaultdict(_Slope)
        self.losses: list[Iterable[_Loss]] = []

    def fade(
        self, group: str, points: int, decay: Decay, ages: Sequence[timedelta], now: int
    ) -> None:
        """Points of these ages begin to fade that are worth ``now`` together."""
        slope = self.slopes[group]
        if isinstance(decay, HalfLife):
            span = decay.span.total_seconds()
            slope.halving[span] = slope.halving.get(span, 0) + now
            slope.smooth += now
        elif isinstance(decay, Linear):
            rate = points / decay.span.total_seconds()
            young = [age for age in ages if age < decay.span]
            slope.ending += [((decay.span - age).total_seconds(), rate) for age in young]
            slope.smooth += now
        elif isinstance(decay, Steps | Expires):
            slope.lost += now - decay.left(points, [_EVER] * len(ages))
            self.losses += [_steps(group, points, decay, age) for age in ages]

    def lose(self, group: str, points: int, after: timedelta) -> None:
        """So many points will be gone at once."""
        self.slopes[group].lost += points
        self.losses.append(((after.total_seconds(), group, points),))


class Outlook:
    """What a scorecard's sums may come to from a moment on.

    ``sums`` are the groups' of that moment, in micro-points.
    """

    def __init__(self, card: Scorecard) -> None:
        self.card = card
        self.sums: defaultdict[str, int] = defaultdict(int)
        self._falling, self._rising = _Side(), _Side()

    def falls_below(self, lows: Mapping[str, int]) -> float:
        """Seconds until "score" or a dimension may be below its low; infinite if never."""
        return _soonest(self.card, 1, self.sums, self._falling, lows)

    def rises_to(self, highs: Mapping[str, int]) -> float:
        """Seconds until "score" or a dimension may reach its high; infinite if never."""
        lows = {name: 1 - high for name, high in highs.items()}
        return _soonest(self.card, -1, self.sums, self._rising, lows)

    def stand(
        self, group: str, points: int, decay: Decay, ages: Sequence[timedelta], left: int
    ) -> None:
        """Points of these ages count now; ``left`` of them altogether."""
        self.sums[group] += left
        if left and not isinstance(decay, NoDecay):
            side = self._falling if points > 0 else self._rising
            side.fade(group, abs(points), decay, ages, abs(left))

    def hold(self, line: Line, now: datetime) -> None:
        """A line of moments of its own: it may begin later, or end."""
        group, points, start, end = line.group, line.points, line.valid_from, line.valid_to
        decay, began = line.decay, line.began
        if start > now:
            # Once it begins it pulls to the side of its points, and not back when it ends.
            side = self._rising if points > 0 else self._falling
            side.lose(group, abs(decayed(points, decay, start - began)), start - now)
        elif end is None or end > now:
            age = now - began
            self.stand(group, points, decay, (age,), decayed(points, decay, age))
            if end is not None:
                side = self._falling if points > 0 else self._rising
                side.lose(group, abs(decayed(points, decay, end - began)), end - now)


def outlook(card: Scorecard, folding: Folding, now: datetime) -> Outlook:
    """What may become of what a folding comes to now."""
    seen = Outlook(card)
    for rule, ages, left in folding.worth(now):
        seen.stand(rule.group, rule.points, rule.decay, ages, left)
    for line in folding.held:
        seen.hold(line, now)
    for one in folding.earned:
        if one.at and one.at[-1].occurred_at > now:  # clocks differ: some is still to come
            for line in one.lines():
                if line.valid_from > now:
                    seen.hold(line, now)
    return seen


@dataclass(slots=True)
class _Part:
    """A group that moves, within its bounds; ``resting`` is what does not fade smoothly."""

    floor: float
    cap: float
    resting: int
    slope: _Slope

    def at(self, seconds: float) -> tuple[float, float]:
        """Its sum then, and how much it falls a second."""
        if seconds == math.inf:
            return self.resting - self.slope.lost, 0.0
        value, rate = float(self.resting), 0.0
        for span, points in self.slope.halving.items():
            left = points * 2.0 ** (-seconds / span)
            value += left
            rate += left * _LN2 / span
        for ends, falls in self.slope.ending:
            if seconds < ends:
                value += falls * (ends - seconds)
                rate += falls
        return value, rate


class _Level(NamedTuple):
    """A dimension: what of it does not move and what does, its weight and its bounds."""

    id: str
    fixed: int
    parts: list[_Part]
    weight: float
    floor: float
    cap: float


class _View(NamedTuple):
    """Dimensions from one side, and the bounds of the score."""

    levels: list[_Level]
    floor: float
    cap: float


class _Sum(NamedTuple):
    """A dimension or the score: within its bounds, without its cap, and what of it falls."""

    value: float
    uncapped: float
    falls: list[_Fall]


def _soonest(
    card: Scorecard, sign: int, sums: Mapping[str, int], side: _Side, lows: Mapping[str, int]
) -> float:
    """Seconds until one of these sums, all times ``sign``, may be below its low."""
    if not side.slopes:
        return math.inf
    fixed = dict.fromkeys(card.dimensions, 0)
    moving: dict[str, list[_Part]] = {id: [] for id in fixed}
    parts: dict[str, _Part] = {}
    for id, group in card.groups.items():
        if (slope := side.slopes.get(id)) is None:
            fixed[group.dimension] += sign * group.bounds.clamp(sums.get(id, 0))
        else:
            resting = sign * sums.get(id, 0) - slope.smooth
            parts[id] = _Part(*_bounds(group.bounds, sign), resting, slope)
            moving[group.dimension].append(parts[id])
    levels = [
        _Level(id, fixed[id], moving[id], float(one.weight), *_bounds(one.bounds, sign))
        for id, one in card.dimensions.items()
    ]
    view = _View(levels, *_bounds(card.bounds, sign))
    last = _sums(view, math.inf)
    reached = [(name, low) for name, low in lows.items() if last[name].value < low]
    return _follow(view, parts, side.losses, reached) if reached else math.inf


def _follow(
    view: _View,
    parts: Mapping[str, _Part],
    losses: Iterable[Iterable[_Loss]],
    lows: Sequence[tuple[str, int]],
) -> float:
    """Go as far as is safe, or to the next loss, until one is below its low."""
    coming = merge(*losses)
    loss = next(coming, None)
    at = 0.0
    while at < _FAR:
        found = _sums(view, at)
        wait = math.inf
        for name, low in lows:
            value, uncapped, falls = found[name]
            if value < low:
                return at
            wait = min(wait, _after(uncapped - low, falls))
        if loss is not None and at + wait >= loss[0]:
            at, id, points = loss
            parts[id].resting -= points
            loss = next(coming, None)
        elif wait < _SHARP / 2:
            return at + wait + _SHARP / 2  # a little beyond, so that who looks then finds it
        else:
            at += wait
    return math.inf


def _sums(view: _View, seconds: float) -> dict[str, _Sum]:
    """The score and each dimension at that moment, by name."""
    found: dict[str, _Sum] = {}
    score, falling = 0.0, []
    for id, fixed, parts, weight, floor, cap in view.levels:
        total, falls = _total(fixed, parts, seconds)
        value = _clamped(total, floor, cap)
        found[id] = _Sum(value, total, falls)
        score += weight * value
        if total > floor:
            # What is above the cap is lost first.
            start = _after(total - cap, falls) if total > cap else 0.0
            falling += [(max(start, at), rate * weight) for at, rate in falls]
    found["score"] = _Sum(_clamped(score, view.floor, view.cap), score, falling)
    return found


def _total(fixed: int, parts: Iterable[_Part], seconds: float) -> tuple[float, list[_Fall]]:
    """A dimension without its bounds, and what of it falls."""
    total, falls = float(fixed), []
    for part in parts:
        value, rate = part.at(seconds)
        total += _clamped(value, part.floor, part.cap)
        if rate and value > part.floor:
            over = value - part.cap
            falls.append((over / rate if over > 0 else 0.0, rate))
    return total, falls


def _clamped(value: float, floor: float, cap: float) -> float:
    return floor if value < floor else cap if value > cap else value


def _after(slack: float, falls: Iterable[_Fall]) -> float:
    """Seconds until so much has fallen; infinite if it never does."""
    at = rate = 0.0
    for start, speed in sorted(falls):
        if rate and slack <= rate * (start - at):
            break
        slack -= rate * (start - at)
        at, rate = start, rate + speed
    return at + slack / rate if rate else math.inf


def _steps(group: str, points: int, decay: Steps | Expires, age: timedelta) -> Iterator[_Loss]:
    """What points lose at once, and when: they are whole between."""
    span = decay.every if isinstance(decay, Steps) else decay.after
    least, now = decay.left(points, (_EVER,)), age
    while (left := decay.left(points, (age,))) > least:
        age += span - age % span
        yield (age - now).total_seconds(), group, left - decay.left(points, (age,))


def _bounds(bounds: Bounds, sign: int) -> tuple[float, float]:
    """Floor and cap, upside down if asked; without one, infinite."""
    low = -math.inf if bounds.floor is None else bounds.floor
    high = math.inf if bounds.cap is None else bounds.cap
    return (low, high) if sign > 0 else (-high, -low)
