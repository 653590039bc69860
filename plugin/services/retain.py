"""Use case: delete receipts and dead letters that are old enough, a few at a time."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine

from plugin.storage import arrivals, dead_letters
from plugin.storage.inbox import Inbox

_log = structlog.get_logger()


def expire_some(inbox: Inbox, engine: Engine, days: int, limit: int, now: datetime) -> int:
    """Delete up to ``limit`` scored receipts older than ``days``; answers how many.

    The dead letters of that age go with them: without its receipt none can be read again. Of the
    activities shown as they arrive only the newest stay.
    """
    before = now - timedelta(days=days)
    with engine.begin() as connection:
        deleted = inbox.expire(connection, before, limit)
        waited = dead_letters.expire(connection, before)
        arrivals.expire(connection)
    if waited:
        _log.warning("dead_letters_expired", letters=waited, days=days)
    return deleted
