"""When a score has to be looked at again although nothing happens: nobody is rescanned daily.

Between which values it means the same is known, and ``outlook.py`` says when it may leave them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from math import isinf
from typing import Any, TypeAlias

from .bands import band_span
from .evaluate import grade_span, totals, written_span
from .lines import Folding
from .outlook import outlook
from .scorecard import MICRO, Band, Scorecard

#: No closer looks than this: what changes sooner is noticed that late at most.
CLOSEST = timedelta(minutes=10)
#: Values from the first on and below the second; ``None`` is without end.
_Span: TypeAlias = tuple[int | None, int | None]


def next_look(
    card: Scorecard,
    folding: Folding,
    band: Band,
    band_since: datetime,
    held: Mapping[str, Any] | None,
    now: datetime,
) -> datetime | None:
    """The next moment at which band, grade, actions or the platform's values may need attention.

    ``None`` if never. ``held`` are the values that the platform has or is about to get, if it is
    to have any. Looking then finds the change, or the next such moment.
    """
    return min(_moments(card, folding, band, band_since, held, now), default=None)


def lags(card: Scorecard, held: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether what the platform holds differs so much that time alone is a reason to write."""
    if any(held[name] != values[name] for name in ("grade", "band", "tag")):
        return True
    numbers = ("score", *card.dimensions)
    return any(abs(values[name] - held[name]) * MICRO > card.tolerance for name in numbers)


def _moments(
    card: Scorecard,
    folding: Folding,
    band: Band,
    band_since: datetime,
    held: Mapping[str, Any] | None,
    now: datetime,
) -> Iterator[datetime]:
    if band_since + band.stay > now:
        yield band_since + band.stay
    if acting := {rule.id for rule in card.rules if rule.actions}:
        for line in folding.lines:
            if line.rule in acting and line.valid_from > now:
                yield line.valid_from
    if (change := _change(card, folding, band, held, now)) is not None:
        yield change


def _change(
    card: Scorecard,
    folding: Folding,
    band: Band,
    held: Mapping[str, Any] | None,
    now: datetime,
) -> datetime | None:
    ahead = outlook(card, folding, now)
    _, values, score = totals(card, ahead.sums, [])
    values["score"] = score
    lows: dict[str, int] = {}
    highs: dict[str, int] = {}
    for name, (low, high) in _spans(card, band, held, values):
        if low is not None:
            lows[name] = max(low, lows.get(name, low))
        if high is not None:
            highs[name] = min(high, highs.get(name, high))
    below = any(values[name] < low for name, low in lows.items())
    if below or any(values[name] >= high for name, high in highs.items()):
        return now + CLOSEST
    seconds = min(ahead.falls_below(lows), ahead.rises_to(highs))
    return None if isinf(seconds) else now + max(CLOSEST, timedelta(seconds=seconds))


def _spans(
    card: Scorecard, band: Band, held: Mapping[str, Any] | None, now: Mapping[str, int]
) -> Iterator[tuple[str, _Span]]:
    """Between which values the score and the dimensions mean the same as these of now."""
    yield "score", band_span(card.bands, band.id, now["score"])
    if "fit" in now:
        yield "fit", grade_span(card, now["fit"])
    if held is not None:
        for name in now:
            yield name, written_span(held[name], card.tolerance)
