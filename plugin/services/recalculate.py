"""Use case: score contacts again under the scorecard in force. Resumable at any point."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from plugin.storage import scores
from plugin.storage.engine import for_reading

from .rescore import live_scorecard, rescore


def recalculate_batch(engine: Engine, limit: int, now: datetime) -> int:
    """Score up to ``limit`` contacts whose score is of an older scorecard; answers how many."""
    with for_reading(engine).begin() as connection:
        if not scores.outdated(connection, live_scorecard(connection).id, 1):
            return 0
    # Asked again with the lock in hand: a contact may have been merged or erased since.
    with engine.begin() as connection:
        live = live_scorecard(connection)
        contact_ids = scores.outdated(connection, live.id, limit)
        rescore(connection, live, contact_ids, now)
    return len(contact_ids)
