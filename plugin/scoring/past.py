"""What would have happened: the bands a history would have entered, had a scorecard been there."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from .bands import kept_band, next_band
from .decay import Decay
from .evaluate import evaluate, totals
from .lines import Line
from .scorecard import Band, Scorecard

_INSTANT = timedelta(microseconds=1)
#: How late what time alone changes is noticed at most.
_SHARP = timedelta(seconds=30)

#: From when, until when, and since when it fades.
_Stretch: TypeAlias = tuple[datetime, datetime | None, datetime]
#: Lines of one group, of as many points that fade alike: they are summed in one go.
_Alike: TypeAlias = tuple[str, int, Decay, list[_Stretch]]


@dataclass(frozen=True, slots=True)
class Entry:
    """A band was entered at that moment; ``rises`` if from below."""

    at: datetime
    band: str
    rises: bool


def entries(
    card: Scorecard, lines: Sequence[Line], since: datetime, until: datetime
) -> Iterator[Entry]:
    """The bands entered in ``(since, until]``, as if the scorecard came into force at ``since``.

    Every activity counts from its own moment, and what is known today was known then. What is
    certain to bring nothing is skipped; the rest is halved until a moment is found.
    """
    changes, alike = _changes(lines), _alike(lines)
    ranks = {band.id: rank for rank, band in enumerate(card.bands)}
    band, entered = next_band(card.bands, None, evaluate(card, lines, since).score), since
    spans = [(since, until)]
    while spans:
        start, end = spans.pop()
        if start >= end or _quiet(card, alike, (band, entered), start, end):
            continue
        if (cut := _cut(changes, entered + band.stay, start, end)) is not None:
            spans += [(cut, end), (cut - _INSTANT, cut), (start, cut - _INSTANT)]
        elif end - start > _SHARP:
            middle = start + (end - start) / 2
            spans += [(middle, end), (start, middle)]
        else:
            score = evaluate(card, lines, end).score
            found = kept_band(card.bands, band.id, entered, score, end)
            if found is not band:
                yield Entry(end, found.id, ranks[found.id] > ranks[band.id])
                band, entered = found, end


def bands_reached(card: Scorecard, lines: Sequence[Line], before: datetime) -> tuple[str, ...]:
    """Every band up to the best one that was reached earlier than ``before``, the lowest first."""
    ranks = {band.id: rank for rank, band in enumerate(card.bands)}
    since = min([before, *(line.valid_from for line in lines)]) - _INSTANT
    best = max(
        (ranks[one.band] for one in entries(card, lines, since, before - _INSTANT)), default=0
    )
    return tuple(band.id for band in card.bands[: best + 1])


def _changes(lines: Sequence[Line]) -> list[datetime]:
    starts = {line.valid_from for line in lines}
    return sorted(starts | {line.valid_to for line in lines if line.valid_to is not None})


def _cut(
    changes: Sequence[datetime], stays_until: datetime, start: datetime, end: datetime
) -> datetime | None:
    """Where a span with a change in it is cut: the change in the middle, or the end of a stay."""
    if end - start <= _INSTANT:
        return None
    if start < stays_until <= end:
        return stays_until
    first, last = bisect_right(changes, start), bisect_right(changes, end)
    return changes[(first + last) // 2] if first < last else None


def _alike(lines: Iterable[Line]) -> list[_Alike]:
    found: dict[tuple[str, int, Decay], list[_Stretch]] = {}
    for line in lines:
        own = found.setdefault((line.group, line.points, line.decay), [])
        own.append((line.valid_from, line.valid_to, line.began))
    return [(*key, stretches) for key, stretches in found.items()]


def _quiet(
    card: Scorecard,
    lines: Iterable[_Alike],
    current: tuple[Band, datetime],
    start: datetime,
    end: datetime,
) -> bool:
    """Whether no moment from ``start`` to ``end`` can bring another band, whatever comes between.

    Points only fade: a line gives no more than when it is first seen and no less than at the end,
    or nothing at all if it begins or ends between.
    """
    least: defaultdict[str, int] = defaultdict(int)
    most: defaultdict[str, int] = defaultdict(int)
    for group, points, decay, stretches in lines:
        seen = [one for one in stretches if one[0] <= end and (one[1] is None or one[1] > start)]
        if not seen:
            continue
        young = [max(start, begins) - began for begins, _, began in seen]
        old = [
            end - began
            for begins, ends, began in seen
            if begins <= start and (ends is None or ends > end)
        ]
        larger, smaller = (most, least) if points > 0 else (least, most)
        larger[group] += decay.left(points, young)
        smaller[group] += decay.left(points, old)
    band, entered = current
    return all(
        kept_band(card.bands, band.id, entered, totals(card, sums, [])[2], end) is band
        for sums in (least, most)
    )
