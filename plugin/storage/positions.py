"""How far a platform's own records were read, and which contacts it was asked about.

Only who reads understands the cursors: of records that is the connector.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, select, update

from .moments import from_us, to_us
from .tables import connections, positions
from .upsert import insert_new, upsert

RECONCILE, BACKFILL, REMOVALS = "reconcile", "backfill", "removals"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reading stands.

    ``rows`` were read since ``began_at``, ``remaining`` are still to come as far as the platform
    told. At ``caught_up_at`` nothing newer was there; ``None`` if that never was so. ``attempts``
    failed since the last page, with ``last_error``; the next is due at ``next_at``. Nothing is
    kept of what happened before ``since``.
    """

    connection_id: int
    purpose: str
    cursors: Mapping[str, str]
    rows: int
    remaining: int | None
    began_at: datetime
    caught_up_at: datetime | None
    next_at: datetime
    attempts: int
    last_error: str | None
    since: datetime | None = None


def find(connection: Connection, connection_id: int, purpose: str) -> Position | None:
    """Where that reading stands; ``None`` before it began."""
    row = connection.execute(
        select(positions).where(
            positions.c.connection_id == connection_id, positions.c.purpose == purpose
        )
    ).one_or_none()
    return None if row is None else _position(row)


def reconciliations(connection: Connection) -> dict[str, Position]:
    """Where reconciliation stands, by the names of the connections that are ready."""
    return of_purpose(connection, RECONCILE)


def of_purpose(connection: Connection, purpose: str) -> dict[str, Position]:
    """Where the readings of a purpose stand, by the names of the connections that are ready."""
    rows = connection.execute(
        select(positions, connections.c.name)
        .join(connections, connections.c.id == positions.c.connection_id)
        .where(positions.c.purpose == purpose, connections.c.state == "ready")
        .order_by(connections.c.name)
    )
    return {row.name: _position(row) for row in rows}


def begin(
    connection: Connection,
    connection_id: int,
    purpose: str,
    cursors: Mapping[str, str],
    now: datetime,
) -> None:
    """Begin the reading after these cursors, unless it has begun already."""
    insert_new(connection, positions, [_beginning(connection_id, purpose, cursors, now)])


def begin_anew(
    connection: Connection,
    connection_id: int,
    purpose: str,
    now: datetime,
    since: datetime | None = None,
) -> None:
    """Begin the reading from the very first record, whatever was read before."""
    kept = {"since": None if since is None else to_us(since)}
    upsert(connection, positions, [_beginning(connection_id, purpose, {}, now) | kept])


def claim(connection: Connection, position: Position, until: datetime) -> bool:
    """Whether the next page is ours to read, and nobody else's until then."""
    taken = connection.execute(
        update(positions)
        .where(_at(position), positions.c.next_at == to_us(position.next_at))
        .values(next_at=to_us(until))
    )
    return taken.rowcount == 1


def advance(
    connection: Connection,
    position: Position,
    cursors: Mapping[str, str],
    *,
    rows: int,
    remaining: int | None,
    caught_up_at: datetime | None,
    next_at: datetime,
) -> bool:
    """Move on behind a page; false if somebody else did since, and the page is not to be kept."""
    moved = connection.execute(
        update(positions)
        .where(_at(position), positions.c.cursors == _dump(position.cursors))
        .values(
            cursors=_dump(cursors),
            rows=positions.c.rows + rows,
            remaining=remaining,
            caught_up_at=to_us(caught_up_at) if caught_up_at else positions.c.caught_up_at,
            next_at=to_us(next_at),
            attempts=0,
            last_error=None,
        )
    )
    return moved.rowcount == 1


def postpone(connection: Connection, position: Position, next_at: datetime, error: str) -> None:
    """It did not work now: read on at that moment, from where we were."""
    connection.execute(
        update(positions)
        .where(_at(position))
        .values(next_at=to_us(next_at), attempts=position.attempts + 1, last_error=error)
    )


def _at(position: Position) -> ColumnElement[bool]:
    return and_(
        positions.c.connection_id == position.connection_id,
        positions.c.purpose == position.purpose,
    )


def _beginning(
    connection_id: int, purpose: str, cursors: Mapping[str, str], now: datetime
) -> dict[str, Any]:
    return {
        "connection_id": connection_id,
        "purpose": purpose,
        "cursors": _dump(cursors),
        "rows": 0,
        "remaining": None,
        "began_at": to_us(now),
        "caught_up_at": None,
        "next_at": to_us(now),
        "attempts": 0,
        "last_error": None,
    }


def _dump(cursors: Mapping[str, str]) -> str:
    return orjson.dumps(dict(cursors), option=orjson.OPT_SORT_KEYS).decode()


def _position(row: Row[Any]) -> Position:
    return Position(
        connection_id=row.connection_id,
        purpose=row.purpose,
        cursors=orjson.loads(row.cursors),
        rows=row.rows,
        remaining=row.remaining,
        began_at=from_us(row.began_at),
        caught_up_at=None if row.caught_up_at is None else from_us(row.caught_up_at),
        next_at=from_us(row.next_at),
        attempts=row.attempts,
        last_error=row.last_error,
        since=None if row.since is None else from_us(row.since),
    )
