"""The ranking of accounts as the worker last made it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, tuple_

from .tables import accounts
from .upsert import chunks


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """An account: its score in micro-points, how many people it has, how many lately active."""

    key: str
    name: str
    score: int
    people: int
    active: int
    roles: tuple[str, ...]


def replace_all(connection: Connection, found: Iterable[StoredAccount]) -> None:
    """Put this ranking in the place of the one before."""
    connection.execute(delete(accounts))
    rows = [
        {
            "key": one.key,
            "name": one.name,
            "score": one.score,
            "people": one.people,
            "active": one.active,
            "roles": orjson.dumps(one.roles).decode(),
        }
        for one in found
    ]
    for chunk in chunks(rows):
        connection.execute(insert(accounts), list(chunk))


def ranked(
    connection: Connection, after: tuple[int, str] | None = None, limit: int = 50, text: str = ""
) -> list[StoredAccount]:
    """Accounts by score, from the one behind the score and key ``after``; by name if ``text``."""
    statement = select(accounts).order_by(accounts.c.score.desc(), accounts.c.key.desc())
    if after is not None:
        statement = statement.where(tuple_(accounts.c.score, accounts.c.key) < tuple_(*after))
    if text:
        statement = statement.where(accounts.c.name.icontains(text, autoescape=True))
    return [_account(row) for row in connection.execute(statement.limit(limit))]


def find(connection: Connection, key: str) -> StoredAccount | None:
    """The account of that key."""
    row = connection.execute(select(accounts).where(accounts.c.key == key)).first()
    return None if row is None else _account(row)


def _account(row: Row[Any]) -> StoredAccount:
    roles = tuple(orjson.loads(row.roles))
    return StoredAccount(row.key, row.name, row.score, row.people, row.active, roles)
