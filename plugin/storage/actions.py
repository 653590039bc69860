"""Doing once what was planned, and what became of it.

``waiting → calling → done``. What is still ``calling`` after the longest call was interrupted: the
platform is asked before anything is done again, and where it cannot tell a human is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from .contacts import ACTIVE
from .moments import from_us, to_us
from .tables import actions, connections, contacts, scores

WAITING, CALLING, DONE, REFUSED = "waiting", "calling", "done", "refused"
DROPPED, SILENT, UNCLEAR = "dropped", "silent", "unclear"
STATES = (WAITING, CALLING, DONE, REFUSED, DROPPED, SILENT, UNCLEAR)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class StoredAction:
    """One action as it waits or was called."""

    id: int
    contact_id: int
    platform_id: str
    name: str
    object: str
    within: timedelta
    operation: str
    attempts: int
    created_at: datetime
    called_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListedAction:
    """One action as it is shown. ``at`` is when it was called, or is to be."""

    id: int
    contact: str
    occasion: str
    name: str
    object: str
    state: str
    at: datetime
    error: str | None


def listed(
    connection: Connection,
    limit: int,
    state: str | None = None,
    contact_id: int | None = None,
    before: int | None = None,
) -> list[ListedAction]:
    """The newest actions, all or those of a state; not those that a publication silenced.

    Of everybody, or of one contact (our id); those older than the one with the id ``before``.
    """
    wanted = actions.c.state != SILENT if state is None else actions.c.state == state
    if contact_id is not None:
        wanted &= actions.c.contact_id == contact_id
    if before is not None:
        wanted &= actions.c.id < before
    rows = connection.execute(
        select(actions, contacts.c.platform_id, connections.c.name.label("source"))
        .join(contacts, contacts.c.id == actions.c.contact_id)
        .join(connections, connections.c.id == contacts.c.connection_id)
        .where(wanted)
        .order_by(actions.c.id.desc())
        .limit(limit)
    )
    return [
        ListedAction(
            id=row.id,
            contact=f"{row.source}/{row.platform_id}",
            occasion=row.occasion,
            name=row.name,
            object=row.object,
            state=row.state,
            at=from_us(row.called_at or row.next_attempt_at),
            error=row.last_error,
        )
        for row in rows
    ]


def due(
    connection: Connection, connection_id: int, now: datetime, names: Iterable[str], limit: int
) -> list[StoredAction]:
    """Waiting actions of these names whose time has come, of the highest scores first.

    Only of contacts that are identified, and not of those the platform dropped.
    """
    return _read(
        connection,
        limit,
        actions.c.connection_id == connection_id,
        actions.c.state == WAITING,
        actions.c.next_attempt_at <= to_us(now),
        actions.c.name.in_(sorted(names)),
        contacts.c.state == ACTIVE,
        scores.c.identified == 1,
    )


def interrupted(connection: Connection, connection_id: int, now: datetime) -> list[StoredAction]:
    """Actions that were called, that are surely over, and whose end nobody noted."""
    return _read(
        connection,
        None,
        actions.c.connection_id == connection_id,
        actions.c.state == CALLING,
        actions.c.next_attempt_at <= to_us(now),
    )


def called_since(
    connection: Connection, connection_id: int, names: Iterable[str], since: datetime
) -> int:
    """How many actions of these names were called from that moment on and not refused."""
    counted: int = connection.execute(
        select(func.count())
        .select_from(actions)
        .where(
            actions.c.connection_id == connection_id,
            actions.c.name.in_(sorted(names)),
            actions.c.state.in_([CALLING, DONE, UNCLEAR]),
            actions.c.called_at >= to_us(since),
        )
    ).scalar_one()
    return counted


def call(connection: Connection, action: StoredAction, now: datetime, over: datetime) -> bool:
    """Note that the platform is being asked to do it, before it is; ``over`` at the latest then.

    False if it does not wait any more: it was dropped, or another sender was faster.
    """
    changed = connection.execute(
        update(actions)
        .where(actions.c.id == action.id, actions.c.state == WAITING)
        .values(state=CALLING, called_at=to_us(now), next_attempt_at=to_us(over))
    )
    return changed.rowcount == 1


def settle(
    connection: Connection, action: StoredAction, state: str, error: str | None = None
) -> None:
    """What became of it: ``DONE``, ``REFUSED`` or ``UNCLEAR``."""
    _set(connection, action, state=state, last_error=error)


def postpone(
    connection: Connection, action: StoredAction, next_attempt_at: datetime, error: str
) -> None:
    """It was surely not done: try again at that moment."""
    again = {"attempts": action.attempts + 1, "next_attempt_at": to_us(next_attempt_at)}
    _set(connection, action, state=WAITING, last_error=error, **again)


def ask_later(
    connection: Connection, action: StoredAction, next_attempt_at: datetime, error: str
) -> None:
    """Whether it was done cannot be told now: ask again at that moment."""
    again = {"attempts": action.attempts + 1, "next_attempt_at": to_us(next_attempt_at)}
    _set(connection, action, state=CALLING, last_error=error, **again)


def silence(connection: Connection, connection_id: int) -> int:
    """Let nothing that waits for a platform be done, now or later; answers how many it were."""
    return connection.execute(
        update(actions)
        .where(actions.c.connection_id == connection_id, actions.c.state == WAITING)
        .values(state=SILENT)
    ).rowcount


def counts(connection: Connection) -> dict[str, int]:
    """How many actions are in each state that one is in."""
    rows = connection.execute(select(actions.c.state, func.count()).group_by(actions.c.state))
    return {state: count for state, count in rows}


def _read(connection: Connection, limit: int | None, *conditions: Any) -> list[StoredAction]:
    rows = connection.execute(
        select(actions, contacts.c.platform_id)
        .join(contacts, contacts.c.id == actions.c.contact_id)
        .join(scores, scores.c.contact_id == actions.c.contact_id)
        .where(*conditions)
        .order_by(scores.c.score.desc(), actions.c.id)
        .limit(limit)
    )
    return [_stored(row) for row in rows]


def _stored(row: Row[Any]) -> StoredAction:
    return StoredAction(
        id=row.id,
        contact_id=row.contact_id,
        platform_id=row.platform_id,
        name=row.name,
        object=row.object,
        within=row.within_us * _MICROSECOND,
        operation=row.operation,
        attempts=row.attempts,
        created_at=from_us(row.created_at),
        called_at=None if row.called_at is None else from_us(row.called_at),
    )


def _set(connection: Connection, action: StoredAction, **values: Any) -> None:
    connection.execute(update(actions).where(actions.c.id == action.id).values(**values))
