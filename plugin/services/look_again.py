"""Use case: score contacts whose score changes by time alone: decay, expiry, birthdays, stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from plugin.storage import news, scores
from plugin.storage.engine import for_reading

from .plan_actions import score_contacts
from .rescore import live_scorecard

#: Contacts told of news in one transaction.
_CONCERNED = 5_000


def look_again_batch(engine: Engine, limit: int, now: datetime) -> int:
    """Score up to ``limit`` contacts whose next look is due; answers how many.

    Before that, contacts are told what was learnt of what they did something about.
    """
    with for_reading(engine).begin() as connection:
        told, due = news.wait(connection), scores.is_look_due(connection, now)
    if told:
        with engine.begin() as connection:
            news.spread(connection, _CONCERNED, now)
    if not (told or due):
        return 0
    with engine.begin() as connection:
        contact_ids = scores.to_look_at(connection, now, limit)
        score_contacts(connection, live_scorecard(connection), contact_ids, now)
    return len(contact_ids)
