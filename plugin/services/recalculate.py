"""Use case: score contacts again under the scorecard in force. Resumable at any point."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from plugin.storage import scores
from plugin.storage.engine import for_reading

from .plan_actions import score_silently
from .rescore import live_scorecard


def to_recalculate(engine: Engine) -> int:
    """How many contacts an older scorecard has scored."""
    with for_reading(engine).begin() as connection:
        return scores.count_outdated(connection, live_scorecard(connection).id)


def recalculate_batch(engine: Engine, limit: int, now: datetime) -> int:
    """Score up to ``limit`` contacts whose score is of an older scorecard; answers how many."""
    with for_reading(engine).begin() as connection:
        if not scores.is_outdated(connection, live_scorecard(connection).id):
            return 0
    # Asked again with the lock in hand: a contact may have been merged or erased since.
    with engine.begin() as connection:
        contact_ids = scores.outdated(connection, live_scorecard(connection).id, limit)
        # Read again: while others were waited for a newer scorecard may have been published.
        score_silently(connection, live_scorecard(connection), contact_ids, now)
    return len(contact_ids)
