"""The main database, brought to this version's schema before anybody uses it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, inspect

from .engine import postgresql_engine, sqlite_engine
from .locks import alone
from .tables import metadata

_MIGRATIONS = Path(__file__).parent / "migrations"


class SchemaError(Exception):
    """The database is of a newer version than this program; the message says what to do."""


def open_main(path: Path) -> Engine:
    """The engine of the main database at ``path``, made or migrated if need be.

    Raises ``SchemaError`` for a database that a newer version has written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    return _migrated(sqlite_engine(path))


def open_server(url: str, sessions: int = 8) -> Engine:
    """The engine of the PostgreSQL database at ``url``, which must exist; migrated if need be.

    Raises ``SchemaError``, ``DriverMissing``, or ``OperationalError`` where no server answers.
    """
    return _migrated(postgresql_engine(url, sessions))


def _migrated(engine: Engine) -> Engine:
    try:
        with engine.begin() as connection:
            migrate(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def migrate(connection: Connection) -> None:
    """Make the tables, or run the missing migrations, in the transaction of this connection."""
    alone(connection, "migrations")
    if _current(connection) == head():
        return
    if not inspect(connection).get_table_names():
        # What the migrations come to, by a test; in a third of their time.
        metadata.create_all(connection)
        context = MigrationContext.configure(connection)
        context.stamp(ScriptDirectory.from_config(_config()), "head")
        return
    if _current(connection) is not None:
        refuse_unknown(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def refuse_unknown(connection: Connection) -> None:
    """Raise ``SchemaError`` unless this is a database that this version can use or migrate."""
    found = _current(connection)
    if found is None:
        raise SchemaError("this is no database of Maturo: it has no schema")
    try:
        ScriptDirectory.from_config(_config()).get_revision(found)
    except CommandError:
        raise SchemaError(
            f"the database has schema {found}, this version knows up to {head()}: "
            "it was written by a newer Maturo. Install that version again, or restore a backup"
        ) from None


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The schema revision of this version."""
    return _newest(_MIGRATIONS)


@cache
def _newest(folder: Path) -> str:
    revision = ScriptDirectory(str(folder)).get_current_head()
    assert revision is not None, "the migrations are missing from the package"  # noqa: S101
    return revision


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config
