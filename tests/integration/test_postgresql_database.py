"""The main database on PostgreSQL: its schema, its sessions, what it does not take."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

from connectors.activity import BrokenItem
from plugin.storage import dead_letters
from plugin.storage.database import SchemaError, open_server
from plugin.storage.engine import for_reading
from plugin.storage.tables import metadata
from tests import postgres
from tests.contract.storage_kit import ACME, NOW, database

pytestmark = pytest.mark.skipif(postgres.server_url() is None, reason=postgres.MISSING)

_OPEN = "import sys; from plugin.storage.database import open_server; "
_OPEN += "sys.stdin.readline(); open_server(sys.argv[1]).dispose()"


@pytest.fixture
def engine(tmp_path: object) -> Iterator[Engine]:
    with database("postgresql", tmp_path) as opened:
        yield opened


def test_f12_the_migrations_make_what_the_tables_say() -> None:
    with postgres.fresh_database() as url:
        engine = open_server(url)
        with engine.connect() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        engine.dispose()


def test_f12_a_database_of_a_newer_version_is_refused() -> None:
    with postgres.fresh_database() as url:
        engine = open_server(url)
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        engine.dispose()
        with pytest.raises(SchemaError, match=r"schema 9999.*newer Maturo"):
            open_server(url)


@pytest.mark.slow
def test_many_hosts_may_make_the_database_together() -> None:
    with postgres.fresh_database() as url:
        arguments = [sys.executable, "-c", _OPEN, url]
        pipe = subprocess.PIPE
        hosts = [subprocess.Popen(arguments, stdin=pipe, stderr=pipe, text=True) for _ in range(3)]
        for host in hosts:
            assert host.stdin is not None
            host.stdin.write("go\n")
            host.stdin.flush()
        assert [host.communicate()[1] for host in hosts] == [""] * 3


def test_a_nul_in_what_strangers_send_is_replaced(engine: Engine) -> None:
    with engine.begin() as connection:
        dead_letters.bury(connection, ACME, [(1, BrokenItem("x", 0, "why", "a\0b"))], NOW)
        [letter] = dead_letters.unresolved(connection)
    assert letter.raw == "a\N{REPLACEMENT CHARACTER}b"


def test_a_reader_sees_one_moment_and_writes_nothing(engine: Engine) -> None:
    count = "SELECT count(*) FROM progress"
    with for_reading(engine).begin() as reader:
        assert reader.exec_driver_sql(count).scalar_one() == 0
        with engine.begin() as writer:
            writer.exec_driver_sql("INSERT INTO progress VALUES ('x', '1')")
        assert reader.exec_driver_sql(count).scalar_one() == 0
        with pytest.raises(DBAPIError, match="read-only"):
            reader.exec_driver_sql("DELETE FROM progress")


def test_f08_after_the_server_ended_a_session_the_next_transaction_has_another(
    engine: Engine,
) -> None:
    with pytest.raises(OperationalError), engine.begin() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1
