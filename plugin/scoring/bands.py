"""Which band a score is in, given the band it was in: no flicker around a threshold."""

from __future__ import annotations

from collections.abc import Sequence

from .scorecard import Band


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
