"""Pending write-backs: one per contact, the newest absolute values win.

A delivery is removed only if its version is still the one that was sent; what changed while it
was travelling goes out next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, bindparam, case, delete, func, select, update

from .contacts import ACTIVE, connections_of
from .moments import from_us, to_us
from .tables import connections, contacts, deliveries
from .upsert import chunks, upsert

PENDING, REFUSED = "pending", "refused"
_MOMENTS = ("occurred_at", "received_at", "scored_at")


@dataclass(frozen=True, slots=True)
class News:
    """The oldest news that a delivery brings: when it happened, was heard of, and was scored.

    ``occurred_at`` is the platform's own moment, ``None`` where it told none.
    """

    occurred_at: datetime | None
    received_at: datetime
    scored_at: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one contact is to hold. ``values`` is the target: score values and ``tags``.

    ``news`` is ``None`` where only time, a person or a new scorecard asked for it.
    """

    contact_id: int
    platform_id: str
    version: int
    values: Mapping[str, Any]
    attempts: int
    news: News | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A delivery as it waits. ``pending`` is false when the platform refused it for good."""

    version: int
    values: Mapping[str, Any]
    pending: bool
    attempts: int
    next_attempt_at: datetime
    error: str | None = None


def asked(connection: Connection, contact_ids: Sequence[int]) -> dict[int, Asked]:
    """What was asked for and not acknowledged yet, of each contact that has such a delivery."""
    return {
        row.contact_id: Asked(
            version=row.version,
            values=orjson.loads(row._mapping["values"]),
            pending=row.state == PENDING,
            attempts=row.attempts,
            next_attempt_at=from_us(row.next_attempt_at),
            error=row.last_error,
        )
        for chunk in chunks(contact_ids)
        for row in connection.execute(select(deliveries).where(deliveries.c.contact_id.in_(chunk)))
    }


def replace(connection: Connection, wanted: Mapping[int, Mapping[str, Any]], now: datetime) -> None:
    """Ask for these values of contacts, instead of what was asked before; a back-off goes on."""
    before = asked(connection, list(wanted))
    upsert(
        connection,
        deliveries,
        [
            {
                "contact_id": contact_id,
                "connection_id": connection_id,
                "values": orjson.dumps(dict(wanted[contact_id])).decode(),
                "state": PENDING,
                "last_error": None,
            }
            | _turn(before.get(contact_id), now)
            for contact_id, connection_id in connections_of(connection, list(wanted)).items()
        ],
    )


def _turn(before: Asked | None, now: datetime) -> dict[str, int]:
    attempts, at = (before.attempts, before.next_attempt_at) if before else (0, now)
    if before is not None and not before.pending:
        attempts, at = 0, now
    version = 1 if before is None else before.version + 1
    return {"version": version, "attempts": attempts, "next_attempt_at": to_us(at)}


def due(connection: Connection, connection_id: int, now: datetime, limit: int) -> list[Delivery]:
    """The deliveries whose time has come, the longest waiting first.

    Not of a contact whose id the platform dropped: a write might land on the one it was merged
    into.
    """
    rows = connection.execute(
        select(deliveries, contacts.c.platform_id)
        .join(contacts, contacts.c.id == deliveries.c.contact_id)
        .where(
            deliveries.c.connection_id == connection_id,
            deliveries.c.state == PENDING,
            deliveries.c.next_attempt_at <= to_us(now),
            contacts.c.state == ACTIVE,
        )
        .order_by(deliveries.c.next_attempt_at, deliveries.c.contact_id)
        .limit(limit)
    )
    return [
        Delivery(
            contact_id=row.contact_id,
            platform_id=row.platform_id,
            version=row.version,
            values=orjson.loads(row._mapping["values"]),
            attempts=row.attempts,
            news=_news(row),
        )
        for row in rows
    ]


def _news(row: Row[Any]) -> News | None:
    if row.received_at is None:
        return None
    occurred_at = None if row.occurred_at is None else from_us(row.occurred_at)
    return News(occurred_at, from_us(row.received_at), from_us(row.scored_at))


def bring(connection: Connection, told: Mapping[int, News]) -> None:
    """Note the news that the deliveries of these contacts bring; older news stays."""
    waiting = [
        contact_id
        for chunk in chunks(sorted(told))
        for contact_id in connection.execute(
            select(deliveries.c.contact_id).where(
                deliveries.c.contact_id.in_(chunk),
                deliveries.c.state == PENDING,
                deliveries.c.received_at.is_(None),
            )
        ).scalars()
    ]
    if waiting:
        moments: dict[str, Any] = {name: bindparam(f"new_{name}") for name in _MOMENTS}
        connection.execute(
            update(deliveries)
            .where(deliveries.c.contact_id == bindparam("of_contact"))
            .values(moments),
            [
                {"of_contact": one}
                | {f"new_{name}": _us(getattr(told[one], name)) for name in _MOMENTS}
                for one in waiting
            ],
        )


def _us(moment: datetime | None) -> int | None:
    return None if moment is None else to_us(moment)


@dataclass(frozen=True, slots=True)
class Listed:
    """A delivery as people look at it. ``address`` is ``CONNECTION/CONTACT``."""

    contact_id: int
    address: str
    state: str
    values: Mapping[str, Any]
    attempts: int
    next_attempt_at: datetime
    error: str | None


def listed(
    connection: Connection, limit: int, after: int = 0, state: str | None = None
) -> list[Listed]:
    """A page of what was not acknowledged yet, by our number of the contact, behind ``after``."""
    statement = (
        select(deliveries, contacts.c.platform_id, connections.c.name)
        .join(contacts, contacts.c.id == deliveries.c.contact_id)
        .join(connections, connections.c.id == deliveries.c.connection_id)
        .where(deliveries.c.contact_id > after)
        .order_by(deliveries.c.contact_id)
        .limit(limit)
    )
    if state is not None:
        statement = statement.where(deliveries.c.state == state)
    return [
        Listed(
            contact_id=row.contact_id,
            address=f"{row.name}/{row.platform_id}",
            state=row.state,
            values=orjson.loads(row._mapping["values"]),
            attempts=row.attempts,
            next_attempt_at=from_us(row.next_attempt_at),
            error=row.last_error,
        )
        for row in connection.execute(statement)
    ]


def done(connection: Connection, delivery: Delivery, now: datetime) -> None:
    """The platform took it: remove it, or make what came meanwhile due at once."""
    # What came meanwhile came after ``now``, when this was sent; nobody noted when exactly.
    moved = (None, to_us(now), to_us(now)) if delivery.news else ()
    connection.execute(
        delete(deliveries).where(
            deliveries.c.contact_id == delivery.contact_id,
            deliveries.c.version == delivery.version,
        )
    )
    connection.execute(
        update(deliveries)
        .where(deliveries.c.contact_id == delivery.contact_id)
        .values(attempts=0, next_attempt_at=to_us(now), **dict(zip(_MOMENTS, moved, strict=False)))
    )


def postpone(
    connection: Connection, delivery: Delivery, next_attempt_at: datetime, error: str
) -> None:
    """It did not work now: try again at that moment, also if newer values came meanwhile."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.contact_id == delivery.contact_id)
        .values(
            attempts=delivery.attempts + 1,
            next_attempt_at=to_us(next_attempt_at),
            last_error=error,
        )
    )


def rest(connection: Connection, delivery: Delivery, until: datetime, why: str) -> None:
    """Leave the contact alone until that moment; it is nobody's failure."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.contact_id == delivery.contact_id)
        .values(next_attempt_at=to_us(until), last_error=why)
    )


def refuse(connection: Connection, delivery: Delivery, error: str) -> None:
    """It will never work: keep it to be shown, unless newer values came meanwhile."""
    connection.execute(
        update(deliveries)
        .where(
            deliveries.c.contact_id == delivery.contact_id,
            deliveries.c.version == delivery.version,
        )
        .values(
            state=REFUSED,
            attempts=delivery.attempts + 1,
            last_error=error,
            **dict.fromkeys(_MOMENTS),
        )
    )


def retry(connection: Connection, contact_id: int, next_attempt_at: datetime) -> None:
    """Try what was refused once more at that moment; the back-off goes on."""
    connection.execute(
        update(deliveries)
        .where(deliveries.c.contact_id == contact_id, deliveries.c.state == REFUSED)
        .values(state=PENDING, next_attempt_at=to_us(next_attempt_at))
    )


def withdraw(connection: Connection, connection_id: int) -> int:
    """Ask a platform for nothing any more; answers how many deliveries waited."""
    return connection.execute(
        delete(deliveries).where(deliveries.c.connection_id == connection_id)
    ).rowcount


def refused(connection: Connection, limit: int) -> dict[str, str]:
    """Contacts (``connection/id``) whose write-back the platform refused, and why."""
    rows = connection.execute(
        select(connections.c.name, contacts.c.platform_id, deliveries.c.last_error)
        .select_from(deliveries)
        .join(contacts, contacts.c.id == deliveries.c.contact_id)
        .join(connections, connections.c.id == contacts.c.connection_id)
        .where(deliveries.c.state == REFUSED)
        .order_by(connections.c.name, contacts.c.id)
        .limit(limit)
    )
    return {f"{row.name}/{row.platform_id}": row.last_error for row in rows}


def counts(connection: Connection) -> dict[str, int]:
    """How many deliveries are pending and refused."""
    row = connection.execute(
        select(
            *(
                func.sum(case((deliveries.c.state == state, 1), else_=0)).label(state)
                for state in (PENDING, REFUSED)
            )
        )
    ).one()
    return {PENDING: row.pending or 0, REFUSED: row.refused or 0}
