"""Use case: read what the platform recorded since the last time, whatever its webhook told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, Engine

from connectors.activity import Activity, Item, Reading
from connectors.contract import HistoryPage
from plugin.storage import connections, positions, tallies, webhooks
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading
from plugin.storage.positions import RECONCILE, Position
from plugin.storage.upsert import chunks

from .deliver import Jitter
from .due import read_on
from .lag import note_items
from .read_history import Keeping, Past, Read, counted, keep_page, untold
from .score import Connectors

#: Seconds between two looks when nothing newer was there. Beside a webhook it only finds what was
#: lost; alone it is all of the lag.
INTERVALS: Mapping[str, float] = {connections.BOTH: 60.0, connections.POLL: 20.0}

#: What happened longer ago is scored, but no reason any more to do something about it.
LATE = timedelta(days=7)

#: What a webhook tells whenever it happens; of other kinds it may be silent.
_TOLD_BY_WEBHOOK = frozenset({"page_viewed", "form_submitted", "email_sent", "email_opened"})

#: Contacts asked for in one call.
_CONTACTS = 100


def reconcile_due(
    engine: Engine,
    source: StoredConnection,
    connectors: Connectors,
    past: Past,
    limit: int,
    clock: Callable[[], datetime],
    jitter: Jitter,
) -> Read | None:
    """Read the next page, of about ``limit`` rows; ``None`` if it is not due, or somebody else's.

    What goes wrong is noted, and raised: the next attempt waits longer each time.
    """
    position = _position(engine, source, past, clock())
    read = partial(_read, engine, source, connectors, past, position, limit, clock)
    return read_on(engine, position, read, clock, jitter)


def reconcile_page(
    engine: Engine,
    source: StoredConnection,
    connectors: Connectors,
    past: Past,
    limit: int,
    clock: Callable[[], datetime],
) -> Read | None:
    """Read the next page, due or not; ``None`` if somebody else read it meanwhile.

    Raises what ``Session.history`` raises, or one of ``PASSING``; then nothing was kept.
    """
    position = _position(engine, source, past, clock())
    return _read(engine, source, connectors, past, position, limit, clock)


def begin(engine: Engine, source: StoredConnection, past: Past, now: datetime) -> None:
    """Let reconciliation begin with what happens from now on, unless it has begun."""
    _position(engine, source, past, now)


def _position(engine: Engine, source: StoredConnection, past: Past, now: datetime) -> Position:
    with for_reading(engine).begin() as connection:
        found = positions.find(connection, source.id, RECONCILE)
    if found is not None:
        return found
    cursors = past.present_cursors()
    with engine.begin() as connection:
        positions.begin(connection, source.id, RECONCILE, cursors, now)
        found = positions.find(connection, source.id, RECONCILE)
    assert found is not None  # noqa: S101
    return found


def _read(
    engine: Engine,
    source: StoredConnection,
    connectors: Connectors,
    past: Past,
    position: Position,
    limit: int,
    clock: Callable[[], datetime],
) -> Read | None:
    page = past.history(position.cursors, limit)
    new = untold(engine, source, page.reading)
    page = replace(page, reading=_with_profiles(page, new, past))
    now = clock()
    keeping = Keeping(source, connectors, partial(_acts, now), partial(_note, source, new, now))
    wait = INTERVALS.get(source.mode, INTERVALS[connections.BOTH]) if page.caught_up else 0.0
    if not keep_page(engine, keeping, position, page, now + timedelta(seconds=wait), now):
        return None
    return Read(page.rows, page.remaining, page.caught_up, counted(new))


def _with_profiles(page: HistoryPage, new: list[Activity], past: Past) -> Reading:
    """The page, and who they are that did what no webhook had told: it would have said so."""
    items = list(page.reading.items)
    broken = list(page.reading.broken)
    for contacts in chunks(sorted({activity.contact for activity in new}), _CONTACTS):
        told = past.profiles(contacts)
        items += told.items
        broken += told.broken
    return replace(page.reading, items=tuple(items), broken=tuple(broken))


def _acts(now: datetime, item: Item) -> bool:
    return not isinstance(item, Activity) or item.occurred_at >= now - LATE


def _note(
    source: StoredConnection, new: Sequence[Activity], now: datetime, connection: Connection
) -> None:
    note_items(connection, source, [(one, now) for one in new if _acts(now, one)], now)
    found = counted(new)
    tallies.add(
        connection, source.id, {tallies.POLLED + kind: seen for kind, seen in found.items()}, now
    )
    if source.mode == connections.BOTH:
        lost = sum(seen for kind, seen in found.items() if kind in _TOLD_BY_WEBHOOK)
        webhooks.unheard(connection, source.id, lost, now)
