"""Inserts that meet existing rows, for every database we run on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

#: Both dialects spell it alike; the common base class does not know the clause.
_INSERT: Mapping[str, Callable[[Table], Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
Row = Mapping[str, Any]


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows that are not there yet; a row that clashes with a kept one is dropped."""
    if rows:
        statement = _INSERT[connection.dialect.name](table).on_conflict_do_nothing()
        connection.execute(statement, rows)


def upsert(
    connection: Connection,
    table: Table,
    rows: Sequence[Row],
    *,
    adding: Collection[str] = (),
    unless_after: str | None = None,
) -> None:
    """Insert the rows, or replace every given column of those with the same primary key.

    To the columns ``adding`` the given value is added instead. A row whose ``unless_after`` is
    greater than the given one stays as it is.
    """
    if not rows:
        return
    statement = _INSERT[connection.dialect.name](table)
    keys = [column.name for column in table.primary_key]
    given = statement.excluded
    changed = {
        name: table.c[name] + given[name] if name in adding else given[name]
        for name in rows[0]
        if name not in keys
    }
    stays = None if unless_after is None else table.c[unless_after] <= given[unless_after]
    connection.execute(
        statement.on_conflict_do_update(index_elements=keys, set_=changed, where=stays), rows
    )


def add_up(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert the rows, or add every given column to those with the same primary key."""
    if rows:
        upsert(connection, table, rows, adding=rows[0].keys())


def chunks(values: Sequence[Any], size: int = 500) -> Iterator[Sequence[Any]]:
    """Pieces that fit into one ``IN (…)``: SQLite allows 32,766 parameters, planners like fewer."""
    return (values[start : start + size] for start in range(0, len(values), size))
