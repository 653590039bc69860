"""Items of deliveries that could not be read, kept with the reason until they are replayed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

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


def unresolved(connection: Connection, connection_name: str | None = None) -> list[DeadLetter]:
    """The items that still wait, oldest first, of one connection or of all."""
    statement = (
        select(dead_letters, connections.c.name)
        .join(connections, connections.c.id == dead_letters.c.connection_id)
        .where(dead_letters.c.resolved_at.is_(None))
        .order_by(dead_letters.c.id)
    )
    if connection_name is not None:
        statement = statement.where(connections.c.name == connection_name)
    return [
        DeadLetter(
            id=row.id,
            connection=row.name,
            receipt_id=row.receipt_id,
            event=row.event,
            item=row.item,
            reason=row.reason,
            raw=row.raw,
            recorded_at=from_us(row.recorded_at),
        )
        for row in connection.execute(statement)
    ]


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
