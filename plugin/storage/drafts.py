"""Drafts of scorecards: a text with a revision number, so that nobody overwrites unseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, insert, select, update

from .moments import from_us, to_us
from .tables import draft_revisions, drafts


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft as it is now, and by whom since when."""

    id: int
    name: str
    revision: int
    based_on: int | None
    source: str
    who: str
    at: datetime


def create(
    connection: Connection, name: str, source: str, based_on: int | None, who: str, now: datetime
) -> int:
    """A new draft; answers its number."""
    statement = insert(drafts).values(name=name, revision=1, based_on=based_on)
    number: int = connection.execute(statement.returning(drafts.c.id)).scalar_one()
    _append(connection, number, 1, source, who, now)
    return number


def find(connection: Connection, draft_id: int) -> Draft | None:
    """The draft of that number, if there is one."""
    row = connection.execute(_newest().where(drafts.c.id == draft_id)).one_or_none()
    return None if row is None else _draft(row)


def all_drafts(connection: Connection) -> list[Draft]:
    """Every draft, the newest first."""
    rows = connection.execute(_newest().order_by(drafts.c.id.desc()))
    return [_draft(row) for row in rows]


def save(
    connection: Connection, draft_id: int, revision: int, source: str, who: str, now: datetime
) -> bool:
    """Give a draft another text; ``False`` where ``revision`` is not its newest any more."""
    changed = connection.execute(
        update(drafts)
        .where(drafts.c.id == draft_id, drafts.c.revision == revision)
        .values(revision=revision + 1)
    )
    if not changed.rowcount:
        return False
    _append(connection, draft_id, revision + 1, source, who, now)
    return True


def source_at(connection: Connection, draft_id: int, revision: int) -> str | None:
    """The text that a draft had at a revision."""
    found: str | None = connection.execute(
        select(draft_revisions.c.source).where(
            draft_revisions.c.draft_id == draft_id, draft_revisions.c.number == revision
        )
    ).scalar_one_or_none()
    return found


def delete_draft(connection: Connection, draft_id: int) -> None:
    """Delete a draft with all it was."""
    connection.execute(delete(draft_revisions).where(draft_revisions.c.draft_id == draft_id))
    connection.execute(delete(drafts).where(drafts.c.id == draft_id))


def _append(
    connection: Connection, draft_id: int, number: int, source: str, who: str, now: datetime
) -> None:
    row = {"draft_id": draft_id, "number": number, "source": source, "who": who, "at": to_us(now)}
    connection.execute(insert(draft_revisions).values(row))


def _newest() -> Select[Any]:
    now = draft_revisions.c
    newest = and_(now.draft_id == drafts.c.id, now.number == drafts.c.revision)
    return select(drafts, now.source, now.who, now.at).join(draft_revisions, newest)


def _draft(row: Row[Any]) -> Draft:
    at = from_us(row.at)
    return Draft(row.id, row.name, row.revision, row.based_on, row.source, row.who, at)
