"""Use case: ask a platform as often as it bears it, and leave it alone while it fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import structlog
from sqlalchemy import Engine

from connectors.errors import Transient
from plugin.storage import paces
from plugin.storage.connections import StoredConnection
from plugin.storage.paces import Pace

from .deliver import Jitter, pause

#: Never less of the allowed rate: one call in a second or two.
LEAST_SHARE = 1 / 8
#: What each answer gives back after failures halved the share: from least to full in half a minute.
_RECOVERY = 0.02
#: The pause doubles so many times, from two seconds to about one minute: a platform that is back
#: is noticed soon.
_DOUBLINGS = 5

_log = structlog.get_logger()


def note_failure(
    engine: Engine,
    source: StoredConnection,
    error: Transient,
    clock: Callable[[], datetime],
    jitter: Jitter,
) -> None:
    """The platform could not do it now: ask half as often, and not before a pause."""
    with engine.begin() as connection:
        before = paces.find(connection, source.id)
        wait = pause(min(before.failures, _DOUBLINGS), error.retry_after, jitter)
        share = max(before.share / 2, LEAST_SHARE)
        now = Pace(share, before.failures + 1, clock() + wait, str(error))
        paces.save(connection, source.id, now)
    if now.open and not before.open:
        _log.error("breaker_opened", connection=source.name, why=str(error))


def note_answer(engine: Engine, source: StoredConnection) -> None:
    """The platform answered: it is not left alone, and soon it is asked as often as allowed."""
    with engine.begin() as connection:
        before = paces.find(connection, source.id)
        share = min(before.share + _RECOVERY, 1.0)
        now = replace(before, share=share, failures=0, rests_until=None, last_error="")
        paces.save(connection, source.id, now)
    if before.open:
        _log.info("breaker_closed", connection=source.name)
