"""What takes too long to be computed for a page: made by the worker, read by everybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select, update

from .moments import from_us, to_us
from .tables import reports
from .upsert import insert_new, upsert


@dataclass(frozen=True, slots=True)
class Report:
    """A report as it was last computed; ``next_at`` is when it is due again."""

    content: Any = field(repr=False)
    computed_at: datetime
    next_at: datetime


def read(connection: Connection, name: str) -> Report | None:
    """The report of that name; ``None`` before the first."""
    row = connection.execute(select(reports).where(reports.c.name == name)).first()
    if row is None or row.content is None:
        return None
    return Report(orjson.loads(row.content), from_us(row.computed_at), from_us(row.next_at))


def is_due(connection: Connection, name: str, now: datetime) -> bool:
    """Whether it is time to compute the report, again or at all."""
    due = select(reports.c.next_at).where(reports.c.name == name)
    next_at = connection.execute(due).scalar()
    return next_at is None or next_at <= to_us(now)


def claim(connection: Connection, name: str, now: datetime, until: datetime) -> bool:
    """Take a due report for oneself until that moment; false if somebody else was faster."""
    insert_new(connection, reports, [{"name": name, "next_at": 0}])
    taken = connection.execute(
        update(reports)
        .where(reports.c.name == name, reports.c.next_at <= to_us(now))
        .values(next_at=to_us(until))
    )
    return taken.rowcount == 1


def save(connection: Connection, name: str, content: Any, now: datetime, next_at: datetime) -> None:
    """Replace the report."""
    row = {"name": name, "content": orjson.dumps(content).decode(), "computed_at": to_us(now)}
    upsert(connection, reports, [row | {"next_at": to_us(next_at)}])


def ask(connection: Connection, name: str, now: datetime) -> None:
    """Let the worker compute the report at its next occasion."""
    upsert(connection, reports, [{"name": name, "next_at": to_us(now)}])
