"""Opening the databases. SQLite here; every statement above this file is SQLAlchemy Core."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event


def sqlite_engine(path: Path) -> Engine:
    """An engine whose transactions take the write lock at once and survive a power loss.

    ``synchronous=FULL``: with NORMAL up to 136 acknowledged rows were lost at a power loss. What a
    statement carried is kept out of error messages: it is personal.
    """
    # Personal data is in there; SQLite gives its other files the rights of this one. A file that
    # exists is not opened here: closing it again would drop this process's locks on it.
    with suppress(FileExistsError):
        path.touch(mode=0o600, exist_ok=False)
    url = URL.create("sqlite", database=str(path))
    engine = create_engine(url, connect_args={"timeout": 30}, hide_parameters=True)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def for_reading(engine: Engine) -> Engine:
    """The same engine, its transactions being snapshots that never wait for a writer."""
    return engine.execution_options(reading=True)


def _prepare(dbapi_connection: Any, _record: object) -> None:
    # The driver must not open transactions behind our back: _begin does it.
    dbapi_connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
