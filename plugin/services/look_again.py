"""Use case: score contacts whose score changes by time alone: decay, expiry, birthdays, stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from plugin.storage import scores
from plugin.storage.engine import for_reading

from .plan_actions import score_contacts
from .rescore import live_scorecard


def look_again_batch(engine: Engine, limit: int, now: datetime) -> int:
    """Score up to ``limit`` contacts whose next look is due; answers how many."""
    with for_reading(engine).begin() as connection:
        if not scores.is_look_due(connection, now):
            return 0
    with engine.begin() as connection:
        contact_ids = scores.to_look_at(connection, now, limit)
        score_contacts(connection, live_scorecard(connection), contact_ids, now)
    return len(contact_ids)
