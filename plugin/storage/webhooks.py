"""What became of our webhook at each platform: whether it is there, and whether it is heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, case, select, update

from .moments import from_us, to_us
from .tables import connections, webhooks
from .upsert import insert_new

#: The webhook is silent when this much of what it tells came by polling alone, for this long.
_MANY, _LONG = 3, timedelta(minutes=15)
#: All workers note it in one row: more often they would wait for each other.
_OFTEN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class StoredWebhook:
    """Our webhook of a connection. ``ok`` is ``None`` before the first look.

    Since ``unheard_since`` there were ``unheard`` activities that only polling told.
    """

    connection_id: int
    connection: str
    heard_at: datetime | None
    unheard: int
    unheard_since: datetime | None
    ok: bool | None
    detail: str
    remedy: str
    next_check_at: datetime

    def silent(self, now: datetime) -> bool:
        """Whether things happen at the platform and the webhook does not tell them."""
        since = self.unheard_since
        return since is not None and self.unheard >= _MANY and since <= now - _LONG


def heard(connection: Connection, connection_id: int, now: datetime) -> None:
    """A delivery came. Under a steady stream it is noted every few seconds only."""
    fresh = connection.execute(
        select(webhooks.c.connection_id).where(
            webhooks.c.connection_id == connection_id,
            webhooks.c.unheard == 0,
            webhooks.c.heard_at.between(to_us(now - _OFTEN), to_us(now)),
        )
    ).one_or_none()
    if fresh is not None:
        return
    insert_new(connection, webhooks, [{"connection_id": connection_id}])
    # Of two workers the one whose moment is the earlier may come last.
    later = case(
        (webhooks.c.heard_at > to_us(now), webhooks.c.heard_at),
        else_=to_us(now),
    )
    connection.execute(
        update(webhooks)
        .where(webhooks.c.connection_id == connection_id)
        .values(heard_at=later, unheard=0, unheard_since=None)
    )


def unheard(connection: Connection, connection_id: int, count: int, now: datetime) -> None:
    """So much happened that the webhook tells, and only polling told it."""
    if count:
        insert_new(connection, webhooks, [{"connection_id": connection_id}])
        since = case(
            (webhooks.c.unheard_since.is_(None), to_us(now)), else_=webhooks.c.unheard_since
        )
        connection.execute(
            update(webhooks)
            .where(webhooks.c.connection_id == connection_id)
            .values(unheard=webhooks.c.unheard + count, unheard_since=since)
        )


def claim(connection: Connection, connection_id: int, now: datetime, until: datetime) -> bool:
    """Whether a look is due and ours to take; nobody else takes one until then."""
    insert_new(connection, webhooks, [{"connection_id": connection_id}])
    taken = connection.execute(
        update(webhooks)
        .where(webhooks.c.connection_id == connection_id, webhooks.c.next_check_at <= to_us(now))
        .values(next_check_at=to_us(until))
    )
    return taken.rowcount == 1


def checked(
    connection: Connection, connection_id: int, ok: bool, detail: str, remedy: str, now: datetime
) -> None:
    """Note what a look at it showed."""
    insert_new(connection, webhooks, [{"connection_id": connection_id}])
    connection.execute(
        update(webhooks)
        .where(webhooks.c.connection_id == connection_id)
        .values(ok=int(ok), detail=detail, remedy=remedy, checked_at=to_us(now))
    )


def all_webhooks(connection: Connection) -> list[StoredWebhook]:
    """What is known of the webhook of each connection that is ready, by name."""
    rows = connection.execute(
        select(webhooks, connections.c.name)
        .join(connections, connections.c.id == webhooks.c.connection_id)
        .where(connections.c.state == "ready", connections.c.mode != "poll")
        .order_by(connections.c.name)
    )
    return [_stored(row) for row in rows]


def _stored(row: Row[Any]) -> StoredWebhook:
    def moment(value: int | None) -> datetime | None:
        return None if value is None else from_us(value)

    return StoredWebhook(
        connection_id=row.connection_id,
        connection=row.name,
        heard_at=moment(row.heard_at),
        unheard=row.unheard,
        unheard_since=moment(row.unheard_since),
        ok=None if row.ok is None else bool(row.ok),
        detail=row.detail,
        remedy=row.remedy,
        next_check_at=from_us(row.next_check_at),
    )
