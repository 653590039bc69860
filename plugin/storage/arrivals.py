"""The newest activities in the order in which we heard of them, for those who watch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from connectors.activity import Activity

from .moments import from_us, to_us
from .tables import arrivals, connections, contacts

#: More nobody watches, and a back-fill brings millions.
KEPT = 2_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """An activity that came; ``id`` grows with every one."""

    id: int
    contact_id: int
    activity_id: str
    kind: str
    occurred_at: datetime
    heard_at: datetime


def add(connection: Connection, found: Sequence[tuple[int, Activity]], now: datetime) -> None:
    """Note activities with their contacts (our ids), of many the last ones."""
    rows = [
        {
            "contact_id": contact_id,
            "activity_id": activity.id,
            "kind": activity.kind,
            "occurred_at": to_us(activity.occurred_at),
            "heard_at": to_us(now),
        }
        for contact_id, activity in found[-KEPT:]
    ]
    if rows:
        connection.execute(insert(arrivals), rows)


def newest(
    connection: Connection,
    after: int = 0,
    limit: int = 50,
    *,
    source: str | None = None,
    kind: str | None = None,
    contact_id: int | None = None,
) -> list[Arrival]:
    """The newest arrivals behind the id ``after``, newest first.

    All, or those of a connection (its name), of a kind, of a contact.
    """
    statement = select(arrivals).where(arrivals.c.id > after).order_by(arrivals.c.id.desc())
    if source is not None:
        statement = (
            statement.join(contacts, contacts.c.id == arrivals.c.contact_id)
            .join(connections, connections.c.id == contacts.c.connection_id)
            .where(connections.c.name == source)
        )
    if kind is not None:
        statement = statement.where(arrivals.c.kind == kind)
    if contact_id is not None:
        statement = statement.where(arrivals.c.contact_id == contact_id)
    return [
        Arrival(
            row.id,
            row.contact_id,
            row.activity_id,
            row.kind,
            from_us(row.occurred_at),
            from_us(row.heard_at),
        )
        for row in connection.execute(statement.limit(limit))
    ]


def last_id(connection: Connection) -> int:
    """The id of the newest arrival; 0 before the first."""
    newest: int | None = connection.execute(select(func.max(arrivals.c.id))).scalar_one()
    return newest or 0


def expire(connection: Connection) -> None:
    """Drop all but the newest ``KEPT``."""
    connection.execute(delete(arrivals).where(arrivals.c.id <= last_id(connection) - KEPT))


def merge(connection: Connection, loser: int, survivor: int) -> None:
    """Let what came of the loser be the survivor's."""
    connection.execute(
        update(arrivals).where(arrivals.c.contact_id == loser).values(contact_id=survivor)
    )
