from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from plugin.storage import database
from plugin.storage.database import SchemaError, head, open_main
from plugin.storage.engine import for_reading, sqlite_engine
from plugin.storage.tables import metadata

_OPEN = "import sys, pathlib; from plugin.storage.database import open_main; "
_OPEN += "sys.stdin.readline(); open_main(pathlib.Path(sys.argv[1])).dispose()"


def test_f12_the_migrations_make_what_the_tables_say(tmp_path: Path) -> None:
    migrated, made = sqlite_engine(tmp_path / "migrated.db"), open_main(tmp_path / "made.db")
    with migrated.begin() as connection:
        config = database._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert schema(migrated) == schema(made)
    for one in (migrated, made):
        one.dispose()


def test_opening_again_changes_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        engine = open_main(tmp_path / "deep" / "main.db")
        found = schema(engine)
        engine.dispose()
    assert found


def test_f12_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "main.db"
    open_main(path).dispose()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(SchemaError, match=f"schema 9999.*up to {head()}.*newer Maturo"):
        open_main(path)
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
    database.close()


@pytest.mark.slow
def test_many_processes_may_make_the_database_together(tmp_path: Path) -> None:
    path = tmp_path / "main.db"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN, str(path)],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.communicate()[1] for process in processes] == [""] * 4
    engine = open_main(path)
    assert schema(engine)
    engine.dispose()


def test_a_reader_sees_one_moment_and_never_waits_for_a_writer(tmp_path: Path) -> None:
    engine = open_main(tmp_path / "main.db")
    count = "SELECT count(*) FROM progress"
    with for_reading(engine).begin() as reader, engine.begin() as writer:
        assert reader.exec_driver_sql(count).scalar_one() == 0
        writer.exec_driver_sql("INSERT INTO progress VALUES ('x', '1')")
        writer.commit()
        assert reader.exec_driver_sql(count).scalar_one() == 0
    engine.dispose()


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
def test_what_keeps_data_safe_is_on(tmp_path: Path, pragma: str, value: object) -> None:
    engine = sqlite_engine(tmp_path / "x.db")
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar_one() == value
    engine.dispose()


def schema(engine: Engine) -> dict[str, str]:
    """The text of every table and index, without what only layout makes different."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL "
            "AND name != 'alembic_version'"
        ).all()
    return {name: " ".join(sorted(sql.replace(",", " ").split())) for name, sql in found}


def test_databases_are_for_their_owner_alone(tmp_path: Path) -> None:
    open_main(tmp_path / "main.db").dispose()

    assert {file.name: file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {"main.db": 0}
