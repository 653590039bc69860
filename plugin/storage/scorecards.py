"""Published scorecards as text; the newest is in force, none is ever changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from .moments import from_us, to_us
from .tables import scorecards


@dataclass(frozen=True, slots=True)
class StoredScorecard:
    """One published version; ``id`` is its number."""

    id: int
    source: str
    published_at: datetime


def publish(connection: Connection, source: str, now: datetime) -> int:
    """Put this text in force; answers its version."""
    statement = insert(scorecards).values(source=source, published_at=to_us(now))
    version: int = connection.execute(statement.returning(scorecards.c.id)).scalar_one()
    return version


def get(connection: Connection, scorecard_id: int) -> StoredScorecard:
    """The version of that number."""
    row = connection.execute(select(scorecards).where(scorecards.c.id == scorecard_id)).one()
    return StoredScorecard(row.id, row.source, from_us(row.published_at))


def find(connection: Connection, scorecard_id: int) -> StoredScorecard | None:
    """The version of that number, if there is one."""
    row = connection.execute(
        select(scorecards).where(scorecards.c.id == scorecard_id)
    ).one_or_none()
    return None if row is None else StoredScorecard(row.id, row.source, from_us(row.published_at))


def versions(connection: Connection) -> list[StoredScorecard]:
    """Every published version, the newest first."""
    rows = connection.execute(select(scorecards).order_by(scorecards.c.id.desc()))
    return [StoredScorecard(row.id, row.source, from_us(row.published_at)) for row in rows]


def in_force(connection: Connection, at: datetime | None = None) -> StoredScorecard | None:
    """The scorecard in force now, or at a past moment (the first one for any moment before)."""
    newest = select(scorecards).order_by(scorecards.c.id.desc()).limit(1)
    if at is not None:
        row = connection.execute(newest.where(scorecards.c.published_at <= to_us(at))).one_or_none()
        if row is not None:
            return StoredScorecard(row.id, row.source, from_us(row.published_at))
        newest = select(scorecards).order_by(scorecards.c.id).limit(1)
    row = connection.execute(newest).one_or_none()
    return None if row is None else StoredScorecard(row.id, row.source, from_us(row.published_at))
