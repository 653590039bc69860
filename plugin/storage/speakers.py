"""Which processes speak with each platform: a worker, and commands beside it. They share a budget.

Whoever speaks says so every few seconds; who was killed is forgotten soon after.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from .moments import to_us
from .tables import speakers
from .upsert import upsert

#: So long after it said so a process counts as speaking; it says so again after a third of it.
LEASE = timedelta(seconds=9)


def speak(connection: Connection, connection_id: int, name: str, now: datetime) -> None:
    """Note that the process of that name speaks with the platform; forget who is silent."""
    own = speakers.c.connection_id == connection_id
    connection.execute(delete(speakers).where(own, speakers.c.until <= to_us(now)))
    until = to_us(now + LEASE)
    row = {"connection_id": connection_id, "name": name, "until": until}
    upsert(connection, speakers, [row])


def others(connection: Connection, connection_id: int, name: str, now: datetime) -> int:
    """How many processes beside that one speak with the platform now."""
    beside = select(func.count()).where(
        speakers.c.connection_id == connection_id,
        speakers.c.name != name,
        speakers.c.until > to_us(now),
    )
    counted: int = connection.execute(beside).scalar_one()
    return counted


def fall_silent(connection: Connection, name: str) -> None:
    """The process of that name speaks with nobody any more."""
    connection.execute(delete(speakers).where(speakers.c.name == name))
