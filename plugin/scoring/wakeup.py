"""When a score has to be looked at again although nothing happens: nobody is rescanned daily.

Between now and any later moment a line stays within what it gives at both ends, because every
decay shrinks all the time. Sums, caps and weights keep that order, so two totals tell what a
score may become until then; where both mean the same, nothing has to be looked at.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from .bands import next_band
from .decay import HalfLife, NoDecay, decayed
from .evaluate import grade_of, totals, whole_points
from .lines import Line
from .scorecard import MICRO, Band, Scorecard

#: No closer looks than this: what changes sooner is noticed that late at most.
CLOSEST = timedelta(minutes=10)
#: How late a farther change is noticed at most.
_SHARP = timedelta(seconds=30)
#: What changes even later is nobody's concern.
_FAR = timedelta(days=36_500)


def next_look(
    card: Scorecard,
    lines: Iterable[Line],
    band: Band,
    band_since: datetime,
    held: Mapping[str, Any] | None,
    now: datetime,
) -> datetime | None:
    """The next moment at which band, grade, actions or the platform's values may need attention.

    ``None`` if never. ``held`` are the values that the platform has or is about to get, if it is
    to have any. Looking then finds the change, or the next such moment.
    """
    changing = [line for line in lines if line.valid_to is None or line.valid_to > now]
    return min(_moments(card, changing, band, band_since, held, now), default=None)


def lags(card: Scorecard, held: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether what the platform holds differs so much that time alone is a reason to write."""
    words = ("grade", "band", "tag")
    return any(held[name] != values[name] for name in words) or _drifts(card, held, values)


def _moments(
    card: Scorecard,
    lines: Sequence[Line],
    band: Band,
    band_since: datetime,
    held: Mapping[str, Any] | None,
    now: datetime,
) -> Iterator[datetime]:
    if band_since + band.stay > now:
        yield band_since + band.stay
    acting = {rule.id for rule in card.rules if rule.actions}
    yield from (line.valid_from for line in lines if line.valid_from > now and line.rule in acting)
    if (change := _change(card, lines, band, held, now)) is not None:
        yield change


def _change(
    card: Scorecard,
    lines: Sequence[Line],
    band: Band,
    held: Mapping[str, Any] | None,
    now: datetime,
) -> datetime | None:
    moving, low, high = _split(lines, now)

    def quiet(until: datetime) -> bool:
        least, most = low.copy(), high.copy()
        _reach(moving, now, until, least, most)
        first, last = _values(card, band, least), _values(card, band, most)
        if (first["band"], first["grade"]) != (last["band"], last["grade"]):
            return False
        return held is None or not (_drifts(card, held, first) or _drifts(card, held, last))

    if quiet(now + _FAR):
        return None
    still, soon = now + CLOSEST, now + _FAR
    if not quiet(still):
        return still
    while soon - still > _SHARP:
        middle = now + _between(still - now, soon - now)
        still, soon = (middle, soon) if quiet(middle) else (still, middle)
    return soon


def _between(still: timedelta, soon: timedelta) -> timedelta:
    """Somewhere in the middle; by factors while far apart, because most changes are near."""
    return still * math.sqrt(soon / still) if soon > 4 * still else (still + soon) / 2


def _split(
    lines: Iterable[Line], now: datetime
) -> tuple[list[tuple[Line, int]], Counter[str], Counter[str]]:
    """The lines that change from now on, with what they begin with, and the sums of the others."""
    moving: list[tuple[Line, int]] = []
    fading: dict[tuple[str, HalfLife, bool], Line] = {}
    sums: Counter[str] = Counter()
    for line in lines:
        begins = decayed(line.points, line.decay, max(now, line.valid_from) - line.began)
        if line.valid_from > now or line.valid_to is not None:
            moving.append((line, begins))
        elif isinstance(line.decay, HalfLife):
            # What halves has no memory: lines that fade alike are one line that begins now.
            alike = (line.group, line.decay, begins > 0)
            sum_ = begins + (fading[alike].points if alike in fading else 0)
            fading[alike] = line._replace(points=sum_, valid_from=now, since=None)
        elif isinstance(line.decay, NoDecay):
            sums[line.group] += begins
        else:
            moving.append((line, begins))
    moving += [(line, line.points) for line in fading.values()]
    return moving, sums, sums.copy()


def _reach(
    moving: Iterable[tuple[Line, int]],
    now: datetime,
    until: datetime,
    least: Counter[str],
    most: Counter[str],
) -> None:
    """Add the least and the most that these lines may give at any moment until then."""
    for line, begins in moving:
        if line.valid_from > until:
            continue
        ends = decayed(line.points, line.decay, until - line.began)
        low, high = (begins, ends) if begins < ends else (ends, begins)
        if line.valid_from > now or (line.valid_to is not None and line.valid_to <= until):
            low, high = min(low, 0), max(high, 0)
        least[line.group] += low
        most[line.group] += high


def _values(card: Scorecard, band: Band, sums: Mapping[str, int]) -> dict[str, Any]:
    _, dimensions, score = totals(card, sums, [])
    return {
        "score": whole_points(score),
        **{name: whole_points(value) for name, value in dimensions.items()},
        "grade": grade_of(card, dimensions),
        "band": next_band(card.bands, band.id, score).id,
    }


def _drifts(card: Scorecard, held: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    return any(
        abs(value - held[name]) * MICRO > card.tolerance
        for name, value in values.items()
        if isinstance(value, int)
    )
