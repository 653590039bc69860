"""Use case: read what the platform recorded before we came, silently. Resumable at any point."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from connectors.activity import Activity, Item, Reading
from plugin.storage import connections, dead_letters, positions
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading
from plugin.storage.positions import BACKFILL, Position

from . import audit, reconcile
from .deliver import Jitter
from .due import read_on
from .read_history import Keeping, Past, Read, counted, keep_page, untold
from .score import Connectors

#: How long the worker leaves a back-fill to who read its last page from the command line.
_OURS = timedelta(minutes=2)


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


def order_backfill(
    engine: Engine, source: StoredConnection, since: datetime | None, now: datetime, who: str
) -> None:
    """Let the worker read the past from its first record on; activities before ``since`` go by."""
    with engine.begin() as connection:
        dead_letters.forget_polled(connection, source.id)
        positions.begin_anew(connection, source.id, BACKFILL, now, since)
        told = None if since is None else f"since {since:%Y-%m-%d %H:%M} UTC"
        audit.record(connection, who, "backfill.ordered", source.name, None, told, now)


def backfill_due(
    engine: Engine,
    source: StoredConnection,
    connectors: Connectors,
    past: Past,
    limit: int,
    clock: Callable[[], datetime],
    jitter: Jitter,
) -> Read | None:
    """Read the next page for the worker; ``None`` if nothing is left, or somebody else reads.

    What goes wrong is noted, and raised: the next attempt waits longer each time.
    """
    position = standing(engine, source)
    if position is None or position.caught_up_at is not None:
        return None
    read = partial(_read, engine, source, connectors, past, limit, clock, position, timedelta())
    return read_on(engine, position, read, clock, jitter)


def backfill_page(
    engine: Engine,
    source: StoredConnection,
    connectors: Connectors,
    past: Past,
    limit: int,
    clock: Callable[[], datetime],
) -> Read | None:
    """Read the next page, of about ``limit`` rows; ``None`` when nothing is left.

    Meanwhile the worker leaves it alone. Raises what ``Session.history`` raises, or one of
    ``PASSING``; then nothing was kept.
    """
    while (position := standing(engine, source)) and position.caught_up_at is None:
        read = _read(engine, source, connectors, past, limit, clock, position, _OURS)
        if read is not None:
            return read
        # Another process was faster: on from where it left.
    return None


def _read(
    engine: Engine,
    source: StoredConnection,
    connectors: Connectors,
    past: Past,
    limit: int,
    clock: Callable[[], datetime],
    position: Position,
    rest: timedelta,
) -> Read | None:
    """The page behind ``position``; ``None`` if somebody else read it meanwhile.

    No action is done for what happened before the back-fill began; what happened since is what
    reconciliation reads as well.
    """
    page = past.history(position.cursors, limit)
    page = replace(page, reading=_young(page.reading, position.since))
    new = untold(engine, source, page.reading)
    acts = partial(_since, position.began_at)
    keeping = Keeping(source, connectors, acts, note=lambda _: None)
    now = clock()
    if not keep_page(engine, keeping, position, page, now + rest, now):
        return None
    return Read(page.rows, page.remaining, page.caught_up, counted(new))


def _young(reading: Reading, since: datetime | None) -> Reading:
    if since is None:
        return reading
    kept = (one for one in reading.items if not isinstance(one, Activity) or _since(since, one))
    return replace(reading, items=tuple(kept))


def _since(began_at: datetime, item: Item) -> bool:
    return isinstance(item, Activity) and item.occurred_at >= began_at
