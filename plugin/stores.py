"""Which databases an installation has: two files, or a PostgreSQL that several machines share."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from plugin.config import Config
from plugin.storage.database import open_main, open_server
from plugin.storage.engine import postgresql_engine, sqlite_engine
from plugin.storage.inbox import Inbox
from plugin.storage.inbox_file import FileInbox
from plugin.storage.inbox_table import TableInbox


def open_database(config: Config) -> Engine:
    """The engine of the main database, its schema that of this version.

    Raises ``SchemaError`` or ``DriverMissing``.
    """
    if config.database_url:
        return open_server(config.database_url)
    return open_main(config.main_path)


def open_inbox(
    config: Config,
    engine: Engine | None = None,
    *,
    on_commit: Callable[[int, float], None] | None = None,
    on_broken: Callable[[], None] | None = None,
) -> Inbox:
    """The inbox; ``engine`` replaces its own. What is told when, ``FileInbox`` says."""
    if config.database_url:
        shared = engine or postgresql_engine(config.database_url, config.threads)
        return TableInbox(shared, on_commit=on_commit)
    own = engine or sqlite_engine(config.inbox_path)
    return FileInbox(own, on_commit=on_commit, on_broken=on_broken)
