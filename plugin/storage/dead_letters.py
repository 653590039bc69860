"""Items of deliveries that could not be read, kept with the reason until they are replayed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, select, update

from connectors.activity import BrokenItem

from .moments import from_us, to_us
from .tables import connections, dead_letters
from .upsert import chunks, insert_new


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One kept item. ``receipt_id`` is the inbox row that holds the whole body.

    ``raw`` is its content, or empty since somebody of the connection was erased.
    """

    id: int
    connection: str
    receipt_id: int
    event: str
    item: int
    reason: str
    raw: str
    recorded_at: datetime


def polled(connection_id: int) -> int:
    """Stands for the receipt of what was read by polling; no receipt has a number below 1."""
    return -connection_id


def bury(
    connection: Connection,
    connection_id: int,
    broken: Iterable[tuple[int, BrokenItem]],
    now: datetime,
) -> None:
    """Keep the broken items of receipts (inbox ids); a repeat changes nothing."""
    insert_new(
        connection,
        dead_letters,
        [
            {
                "connection_id": connection_id,
                "receipt_id": receipt_id,
                "event": item.event,
                "item": item.index,
                "reason": item.reason,
                "raw": item.raw,
                "recorded_at": to_us(now),
            }
            for receipt_id, item in broken
        ],
    )


@dataclass(frozen=True, slots=True)
class Group:
    """The items of a connection and event that wait for one reason; ``last_id`` is the newest."""

    connection: str
    event: str
    reason: str
    count: int
    first_at: datetime
    last_at: datetime
    last_id: int


def unresolved(connection: Connection, connection_name: str | None = None) -> list[DeadLetter]:
    """The items that still wait, oldest first, of one connection or of all."""
    statement = _waiting().order_by(dead_letters.c.id)
    if connection_name is not None:
        statement = statement.where(connections.c.name == connection_name)
    return [_letter(row) for row in connection.execute(statement)]


def listed(connection: Connection, limit: int, after: int = 0) -> list[DeadLetter]:
    """A page of the items that still wait, behind a number."""
    statement = _waiting().where(dead_letters.c.id > after).order_by(dead_letters.c.id)
    return [_letter(row) for row in connection.execute(statement.limit(limit))]


def find(connection: Connection, letter_id: int) -> DeadLetter | None:
    """The item of that number, if it still waits."""
    row = connection.execute(_waiting().where(dead_letters.c.id == letter_id)).one_or_none()
    return None if row is None else _letter(row)


def groups(connection: Connection) -> list[Group]:
    """What waits, by connection, event and reason; the newest first."""
    last = func.max(dead_letters.c.id).label("last_id")
    by = (connections.c.name, dead_letters.c.event, dead_letters.c.reason)
    rows = connection.execute(
        select(
            *by,
            func.count().label("seen"),
            func.min(dead_letters.c.recorded_at).label("first_at"),
            func.max(dead_letters.c.recorded_at).label("last_at"),
            last,
        )
        .select_from(dead_letters)
        .join(connections, connections.c.id == dead_letters.c.connection_id)
        .where(dead_letters.c.resolved_at.is_(None))
        .group_by(*by)
        .order_by(last.desc())
    )
    return [
        Group(
            connection=row.name,
            event=row.event,
            reason=row.reason,
            count=row.seen,
            first_at=from_us(row.first_at),
            last_at=from_us(row.last_at),
            last_id=row.last_id,
        )
        for row in rows
    ]


def alike(
    connection: Connection, letter: DeadLetter, limit: int, before: int | None = None
) -> list[DeadLetter]:
    """Those of its group, the newest first; the next page begins ``before`` the last number."""
    statement = (
        _waiting()
        .where(
            connections.c.name == letter.connection,
            dead_letters.c.event == letter.event,
            dead_letters.c.reason == letter.reason,
        )
        .order_by(dead_letters.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(dead_letters.c.id < before)
    return [_letter(row) for row in connection.execute(statement)]


def _waiting() -> Select[Any]:
    return (
        select(dead_letters, connections.c.name)
        .join(connections, connections.c.id == dead_letters.c.connection_id)
        .where(dead_letters.c.resolved_at.is_(None))
    )


def _letter(row: Row[Any]) -> DeadLetter:
    return DeadLetter(
        id=row.id,
        connection=row.name,
        receipt_id=row.receipt_id,
        event=row.event,
        item=row.item,
        reason=row.reason,
        raw=row.raw,
        recorded_at=from_us(row.recorded_at),
    )


def resolve(connection: Connection, letter_ids: Iterable[int], now: datetime) -> None:
    """Note that these items were read at last; their content is not needed any more."""
    connection.execute(
        update(dead_letters)
        .where(dead_letters.c.id.in_(list(letter_ids)))
        .values(resolved_at=to_us(now), raw="")
    )


def forget_polled(connection: Connection, connection_id: int) -> None:
    """Drop the items that polling could not read: it is about to read everything again."""
    connection.execute(
        delete(dead_letters).where(
            dead_letters.c.connection_id == connection_id,
            dead_letters.c.receipt_id == polled(connection_id),
        )
    )


def blank(connection: Connection, connection_id: int) -> None:
    """Forget the content of the items; they can still be read again from their receipts.

    What polling could not read has the platform's number, perhaps of a contact: that goes too.
    """
    own = dead_letters.c.connection_id == connection_id
    connection.execute(update(dead_letters).where(own).values(raw=""))
    connection.execute(
        update(dead_letters)
        .where(own, dead_letters.c.receipt_id == polled(connection_id))
        .values(item=-dead_letters.c.id)
    )


def expire(connection: Connection, before: datetime) -> int:
    """Delete the items recorded before; answers how many of them had not been read."""
    old = dead_letters.c.recorded_at < to_us(before)
    waited = connection.execute(
        delete(dead_letters).where(old, dead_letters.c.resolved_at.is_(None))
    ).rowcount
    connection.execute(delete(dead_letters).where(old))
    return waited


def drop(connection: Connection, receipt_ids: Sequence[int]) -> None:
    """Delete the items of these receipts, which cannot be read again."""
    for chunk in chunks(receipt_ids):
        connection.execute(delete(dead_letters).where(dead_letters.c.receipt_id.in_(chunk)))


def count(connection: Connection) -> int:
    """How many items wait."""
    return connection.execute(
        select(func.count()).select_from(dead_letters).where(dead_letters.c.resolved_at.is_(None))
    ).scalar_one()
