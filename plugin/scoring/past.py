"""What would have happened: the bands a history would have entered, had a scorecard been there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .bands import kept_band, next_band
from .decay import decayed
from .evaluate import evaluate, totals
from .lines import Line
from .scorecard import Band, Scorecard

_INSTANT = timedelta(microseconds=1)
#: How late what time alone changes is noticed at most.
_SHARP = timedelta(seconds=30)


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
    changes = _changes(lines)
    ranks = {band.id: rank for rank, band in enumerate(card.bands)}
    band, entered = next_band(card.bands, None, evaluate(card, lines, since).score), since
    spans = [(since, until)]
    while spans:
        start, end = spans.pop()
        if start >= end or _quiet(card, lines, (band, entered), start, end):
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


def _quiet(
    card: Scorecard,
    lines: Sequence[Line],
    current: tuple[Band, datetime],
    start: datetime,
    end: datetime,
) -> bool:
    """Whether no moment from ``start`` to ``end`` can bring another band, whatever comes between.

    A line gives no more and no less than at the ends of its stretch, or nothing outside of it.
    """
    least: dict[str, int] = {}
    most: dict[str, int] = {}
    for line in lines:
        if line.valid_from > end or (line.valid_to is not None and line.valid_to <= start):
            continue
        begins = decayed(line.points, line.decay, max(start, line.valid_from) - line.began)
        ends = decayed(line.points, line.decay, end - line.began)
        low, high = (begins, ends) if begins < ends else (ends, begins)
        if line.valid_from > start or (line.valid_to is not None and line.valid_to <= end):
            low, high = min(low, 0), max(high, 0)
        least[line.group] = least.get(line.group, 0) + low
        most[line.group] = most.get(line.group, 0) + high
    band, entered = current
    return all(
        kept_band(card.bands, band.id, entered, totals(card, sums, [])[2], end) is band
        for sums in (least, most)
    )
