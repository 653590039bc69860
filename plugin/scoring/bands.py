"""Which band a score is in, given the band it was in: no flicker around a threshold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .scorecard import Band


def kept_band(
    bands: Sequence[Band], current: str | None, since: datetime, score: int, now: datetime
) -> Band:
    """The same, but a band is not left downwards before its ``stay`` is over."""
    band = next_band(bands, current, score)
    ranks = {band.id: rank for rank, band in enumerate(bands)}
    rank = ranks.get(current or "", 0)
    if ranks[band.id] < rank and now < since + bands[rank].stay:
        return bands[rank]
    return band


def next_band(bands: Sequence[Band], current: str | None, score: int) -> Band:
    """The band of ``score`` (micro-points) for a contact that is in band ``current``.

    ``bands`` are ordered from the lowest up. A band above is entered at its ``enter``; a band
    once reached is kept until the score is below its ``leave``, and so is each one beneath it. A
    ``current`` that the scorecard no longer has counts as the lowest.
    """
    position = next((index for index, band in enumerate(bands) if band.id == current), 0)
    for index in range(len(bands) - 1, 0, -1):
        band = bands[index]
        threshold = band.leave if index <= position else band.enter
        if threshold is not None and score >= threshold:
            return band
    return bands[0]


def band_span(
    bands: Sequence[Band], current: str | None, score: int
) -> tuple[int | None, int | None]:
    """The scores that give the same band as this one: from the first, and below the second.

    ``None`` is without end on that side.
    """
    position = next((index for index, band in enumerate(bands) if band.id == current), 0)
    high: int | None = None
    for index in range(len(bands) - 1, 0, -1):
        band = bands[index]
        threshold = band.leave if index <= position else band.enter
        if threshold is not None and score >= threshold:
            return threshold, high
        if threshold is not None:
            high = threshold if high is None else min(high, threshold)
    return None, high
