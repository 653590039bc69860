"""What would have happened: the bands a history would have entered, had a scorecard been there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from .bands import next_band
from .evaluate import evaluate
from .lines import Line
from .scorecard import Scorecard

_BEFORE = timedelta(microseconds=1)


def rises(
    card: Scorecard, lines: Sequence[Line], since: datetime, until: datetime
) -> Iterator[tuple[datetime, str]]:
    """Each moment in ``(since, until]`` at which a band is entered from below, and the band.

    Looked at where a line begins or ends and just before, for what faded until then; what rises
    only because a loss fades is noticed at the next of these moments.
    """
    ranks = {band.id: rank for rank, band in enumerate(card.bands)}
    band: str | None = None
    for moment in _moments(lines, since, until):
        entered = next_band(card.bands, band, evaluate(card, lines, moment).score).id
        if band is not None and ranks[entered] > ranks[band]:
            yield moment, entered
        band = entered


def _moments(lines: Sequence[Line], since: datetime, until: datetime) -> list[datetime]:
    changes = {line.valid_from for line in lines}
    changes |= {line.valid_to for line in lines if line.valid_to is not None}
    within = {moment for moment in changes if since < moment <= until}
    return sorted({since, until} | within | {moment - _BEFORE for moment in within})
