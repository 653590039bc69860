"""A PostgreSQL for the tests: one that is there, or one that is started; otherwise they say so.

``MATURO_TEST_POSTGRES_URL`` names a server where we may create databases; without it one on
127.0.0.1:5432 is tried, then one is started from Debian's binaries.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import OperationalError

from plugin.storage.database import open_server
from plugin.storage.inbox_table import inbox_metadata
from plugin.storage.tables import metadata

VARIABLE = "MATURO_TEST_POSTGRES_URL"
#: What the summary says where no server could be had.
MISSING = (
    "NOT TESTED ON POSTGRESQL: no server at 127.0.0.1:5432, none in /usr/lib/postgresql; "
    f"install Debian's package postgresql, or set {VARIABLE}"
)
_NOBODY = "nobody"
_LOCAL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"


def server_url() -> str | None:
    """Where the tests find a server; ``provide`` must have been called."""
    return os.environ.get(VARIABLE)


@dataclass(frozen=True)
class Server:
    """A server that was started here, with everything it has in ``folder``."""

    folder: Path
    url: str

    def stop(self) -> None:
        """End it at once, as when its machine fails: no session is asked."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        """Start it again; it answers when this returns."""
        self._control("-w", "-l", f"{self.folder}/log", "start")

    def remove(self) -> None:
        """End it and remove what it had."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _control(self, *arguments: str) -> None:
        _as_nobody([f"{_binaries()}/pg_ctl", "-D", f"{self.folder}/data", *arguments])


def provide() -> Server | None:
    """See to it that the tests find a server; answers the one that was started for it here."""
    if server_url() is not None:
        return None
    if _answers(_LOCAL):
        os.environ[VARIABLE] = _LOCAL
        return None
    server = started()
    if server is not None:
        os.environ[VARIABLE] = server.url
    return server


def started() -> Server | None:
    """A server of the caller's own, who removes it; ``None`` without Debian's binaries."""
    binaries = _binaries()
    if binaries is None:
        return None
    folder = Path(tempfile.mkdtemp(prefix="maturo-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(folder, _NOBODY)
    data, port = folder / "data", str(_free_port())
    _as_nobody(
        [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "--no-sync"]
    )
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(f"port = {port}\nlisten_addresses = '127.0.0.1'\n")
        settings.write(f"unix_socket_directories = '{folder}'\n")
    server = Server(folder, _LOCAL.replace("5432", port))
    server.start()
    return server


@contextmanager
def fresh_database(synchronous_commit: str = "off") -> Iterator[str]:
    """The URL of an empty database of the caller's own.

    Nobody cuts the power here, and waiting for the disk would be most of a test's time.
    """
    name = f"maturo_test_{uuid.uuid4().hex[:12]}"
    server = server_url()
    assert server is not None
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
            connection.exec_driver_sql(
                f"ALTER DATABASE {name} SET synchronous_commit = {synchronous_commit}"
            )
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        admin.dispose()


@cache
def shared_engine() -> Engine:
    """An engine of this process's own migrated database, which is dropped at the end."""
    opened = fresh_database()
    engine = open_server(opened.__enter__())
    with engine.begin() as connection:
        inbox_metadata.create_all(connection)

    def close() -> None:
        engine.dispose()
        opened.__exit__(None, None, None)

    atexit.register(close)
    return engine


def emptied() -> Engine:
    """The same engine, without a row; numbers start at 1 again."""
    engine = shared_engine()
    tables = [*inbox_metadata.sorted_tables, *reversed(metadata.sorted_tables)]
    statements = [f'DELETE FROM "{one.name}"' for one in tables]
    statements += [f'ALTER SEQUENCE "{one.name}_id_seq" RESTART' for one in tables if "id" in one.c]
    with engine.begin() as connection:
        connection.exec_driver_sql("; ".join(statements))
    return engine


def options() -> dict[str, str]:
    """The settings of an installation on the shared database, which is emptied."""
    url = emptied().url.render_as_string(hide_password=False)
    return {"database_url": url, "key": Fernet.generate_key().decode()}


def _answers(url: str) -> bool:
    engine = create_engine(url, connect_args={"connect_timeout": 3})
    try:
        engine.connect().close()
    except OperationalError:
        return False
    finally:
        engine.dispose()
    return True


def _binaries() -> Path | None:
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


def _as_nobody(arguments: list[str]) -> None:
    # PostgreSQL refuses to run as root.
    user = _NOBODY if os.geteuid() == 0 else None
    subprocess.run(arguments, user=user, check=True, stdout=subprocess.DEVNULL, cwd="/")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
