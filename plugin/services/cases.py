"""The identified contacts, and what became of each: what learning and drift look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import Engine

from plugin.learning.case import Case
from plugin.scoring.history import History
from plugin.scoring.outcomes import outcome_of
from plugin.scoring.scorecard import Scorecard
from plugin.storage import ranking
from plugin.storage.engine import for_reading

from .pasts import pasts

_BATCH = 500


def spread_of(engine: Engine, sample: int) -> int:
    """Of how many contacts one is taken, so that there are about ``sample``."""
    with for_reading(engine).begin() as connection:
        return max(ranking.count(connection) // sample, 1)


def cases(
    engine: Engine,
    card: Scorecard,
    spread: int,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[Case]:
    """One of each ``spread`` identified contacts; who was won from the beginning is left out.

    ``advance`` is told how many of how many are read.
    """
    after = read = 0
    with for_reading(engine).begin() as connection:
        total = ranking.count(connection) // spread
    while True:
        with for_reading(engine).begin() as connection:
            found = ranking.page(connection, after, _BATCH, spread)
            ids = [one.score.contact_id for one in found]
            known = pasts(connection, card, ids)
        read += len(found)
        advance(read, total)
        if not found:
            return
        for one in found:
            past = known[one.score.contact_id]
            outcome = outcome_of(card.outcomes, past) if one.score.identified else None
            # A customer from the beginning is nobody to be won.
            if one.score.identified and (outcome is not None or not _marked(card, past)):
                yield Case(past, outcome)
        after = ids[-1]


def _marked(card: Scorecard, past: History) -> bool:
    return any(sign(one.fields) for one in past.profile for sign in card.outcomes.values())
