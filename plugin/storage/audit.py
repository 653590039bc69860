"""What people changed: lines that are only ever appended."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select

from .moments import from_us, to_us
from .tables import audit


@dataclass(frozen=True, slots=True)
class Line:
    """One change. ``before`` and ``after`` are texts for people, or digests of longer ones."""

    id: int
    at: datetime
    who: str = field(repr=False)
    what: str
    object: str = field(repr=False)
    before: str | None = field(repr=False)
    after: str | None = field(repr=False)


def append(
    connection: Connection,
    at: datetime,
    who: str,
    what: str,
    object: str,
    before: str | None,
    after: str | None,
) -> None:
    """Add a line."""
    row = {"at": to_us(at), "who": who, "what": what, "object": object}
    connection.execute(insert(audit).values(row | {"before": before, "after": after}))


def lines(
    connection: Connection,
    *,
    what: str | None = None,
    who: str | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Line]:
    """The newest lines before a line's number, all of them or those of a kind or a person."""
    statement = select(audit).order_by(audit.c.id.desc()).limit(limit)
    if what is not None:
        statement = statement.where(audit.c.what == what)
    if who is not None:
        statement = statement.where(audit.c.who == who)
    if before_id is not None:
        statement = statement.where(audit.c.id < before_id)
    rows = connection.execute(statement)
    return [
        Line(row.id, from_us(row.at), row.who, row.what, row.object, row.before, row.after)
        for row in rows
    ]
