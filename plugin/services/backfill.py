"""Use case: read what the platform recorded before we came, silently. Resumable at any point."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import Engine

from connectors.activity import Activity, Item
from plugin.storage import connections, dead_letters, positions
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading
from plugin.storage.positions import BACKFILL, Position

from . import reconcile
from .read_history import Keeping, Past, Read, counted, keep_page, untold
from .score import Connectors


def standing(engine: Engine, source: StoredConnection) -> Position | None:
    """How far the back-fill of the connection is; ``None`` before it began."""
    with for_reading(engine).begin() as connection:
        return positions.find(connection, source.id, BACKFILL)


def begin_backfill(
    engine: Engine, source: StoredConnection, past: Past, now: datetime, again: bool = False
) -> Position:
    """Begin the back-fill, or go on where it stopped; ``again`` starts with the first record.

    From this moment on reconciliation reads what happens, so that nothing falls in between.
    """
    if source.mode != connections.WEBHOOK:
        reconcile.begin(engine, source, past, now)
    with engine.begin() as connection:
        if again:
            # What could not be read then is tried again now.
            dead_letters.forget_polled(connection, source.id)
            positions.begin_anew(connection, source.id, BACKFILL, now)
        else:
            positions.begin(connection, source.id, BACKFILL, {}, now)
        found = positions.find(connection, source.id, BACKFILL)
    assert found is not None  # noqa: S101
    return found


def backfill_page(
    engine: Engine,
    source: StoredConnection,
    connectors: Connectors,
    past: Past,
    limit: int,
    clock: Callable[[], datetime],
) -> Read | None:
    """Read the next page, of about ``limit`` rows; ``None`` when nothing is left.

    No action is done for what happened before the back-fill began; what happened since is what
    reconciliation reads as well. Raises what ``Session.history`` raises, or one of ``PASSING``;
    then nothing was kept.
    """
    while (position := standing(engine, source)) and position.caught_up_at is None:
        page = past.history(position.cursors, limit)
        new = untold(engine, source, page.reading)
        acts = partial(_since, position.began_at)
        keeping = Keeping(source, connectors, acts, note=lambda _: None)
        now = clock()
        if keep_page(engine, keeping, position, page, now, now):
            return Read(page.rows, page.remaining, page.caught_up, counted(new))
        # Another process was faster: on from where it left.
    return None


def _since(began_at: datetime, item: Item) -> bool:
    return isinstance(item, Activity) and item.occurred_at >= began_at
