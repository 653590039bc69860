"""Opening the databases: SQLite on one machine, PostgreSQL for several.

Every statement above this file is SQLAlchemy Core. On SQLite a transaction that writes is alone; on
PostgreSQL it shares the database, and ``plugin.storage.locks`` says with whom it takes turns.
"""

from __future__ import annotations

from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

#: Minutes, not the two hours of an operating system: who holds locks and is gone must let go.
_KEEPALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
_SESSION = {
    **{f"tcp_{name}": value for name, value in _KEEPALIVE.items()},
    "idle_in_transaction_session_timeout": 300_000,
}
#: ``secure_delete``: what is erased is overwritten; most builds of SQLite do so by themselves.
_PRAGMAS = (
    *("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"),
    *("foreign_keys=ON", "busy_timeout=30000"),
)

#: Raised when the database cannot be used now: its server is away, all sessions are in use, a lock
#: was not to be had, the disk is full. A later try may succeed.
OUT_OF_REACH = (OperationalError, PoolTimeout)


class DriverMissing(Exception):
    """The library that speaks to this kind of database is not installed; the message says how."""


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


def postgresql_engine(url: str, sessions: int = 8) -> Engine:
    """An engine of at most so many ``sessions``; one that the server ended is replaced.

    Raises ``DriverMissing``. Connects at first use.
    """
    options = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    try:
        engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            connect_args={
                "application_name": "maturo",
                "connect_timeout": 10,
                "options": options,
                **_KEEPALIVE,
            },
            hide_parameters=True,
            max_overflow=0,
            pool_pre_ping=True,
            pool_size=sessions,
        )
    except ModuleNotFoundError as error:
        raise DriverMissing(
            "PostgreSQL needs a driver that is not installed: pip install 'maturo[postgresql]'"
        ) from error
    event.listen(engine, "connect", _without_nul)
    return engine


def for_reading(engine: Engine) -> Engine:
    """The same engine, its transactions being snapshots that never wait for a writer."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(reading=True)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def let_go(engine: Engine) -> None:
    """Empty SQLite's side file, which keeps for a while what was deleted; readers may delay it."""
    if engine.dialect.name == "sqlite":
        with closing(engine.raw_connection()) as connection:
            # Not within a transaction, which the engine would begin.
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _prepare(dbapi_connection: Any, _record: object) -> None:
    # The driver must not open transactions behind our back: _begin does it.
    dbapi_connection.isolation_level = None
    for pragma in _PRAGMAS:
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _without_nul(dbapi_connection: Any, _record: object) -> None:
    from psycopg.types.string import StrDumper

    class Dumper(StrDumper):
        """PostgreSQL keeps no NUL in a text; strangers may send one."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\N{REPLACEMENT CHARACTER}"))

    dbapi_connection.adapters.register_dumper(str, Dumper)
