"""How often something was tried within a while: a login, a code, a link."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select

from .moments import from_us, to_us
from .tables import tries
from .upsert import upsert


def so_far(connection: Connection, digest: str, now: datetime) -> tuple[int, datetime]:
    """How many tries of that name there were in the while that lasts, and when it ends."""
    row = connection.execute(
        select(tries.c.tries, tries.c.ends_at).where(
            tries.c.digest == digest, tries.c.ends_at > to_us(now)
        )
    ).one_or_none()
    return (0, now) if row is None else (row.tries, from_us(row.ends_at))


def add(connection: Connection, digest: str, number: int, ends_at: datetime, now: datetime) -> None:
    """Count more tries; the first begins a while that ends then. Those that ended are deleted."""
    connection.execute(delete(tries).where(tries.c.ends_at <= to_us(now)))
    begun = so_far(connection, digest, now)[1]
    ends = begun if begun > now else ends_at
    row = {"digest": digest, "tries": number, "ends_at": to_us(ends)}
    upsert(connection, tries, [row], adding={"tries"})
