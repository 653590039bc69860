"""``maturo backup`` and ``maturo restore``."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from command_kit import NOW, connected, done, refused, run, runtime_of, scored
from sqlalchemy import select

from plugin.storage import scores, tables
from plugin.storage.inbox import Receipt
from plugin.storage.progress import inbox_cursor


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return scored(tmp_path_factory.mktemp("visited") / "data")


@pytest.fixture
def backup(visited: Path, tmp_path: Path) -> Path:
    assert run("--data", visited, "backup", tmp_path / "backup").exit_code == 0
    return tmp_path / "backup"


def put_back(backup: Path, data: Path, key_of: Path) -> None:
    data.mkdir()
    shutil.copy(key_of / "secret.key", data)
    told = run("--data", data, "restore", backup)
    assert told.exit_code == 0, told.output


def test_what_is_restored_explains_the_same_score(
    visited: Path, backup: Path, tmp_path: Path
) -> None:
    put_back(backup, tmp_path / "new", visited)
    told = [
        done("--data", data, "explain", "mautic/38", "--at", "2026-11-21", "--json")
        for data in (visited, tmp_path / "new")
    ]
    assert told[0] == told[1]
    assert done("--data", tmp_path / "new", "check")


def test_after_a_restore_every_score_is_written_anew(
    visited: Path, backup: Path, tmp_path: Path
) -> None:
    """The platform may hold what was written after the backup, of which nothing is known."""
    put_back(backup, tmp_path / "new", visited)
    assert written_anew(tmp_path / "new")


def test_f07_a_restore_killed_as_soon_as_the_files_are_in_place_has_marked_every_score(
    visited: Path, backup: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise SystemExit(137)

    monkeypatch.setattr("plugin.commands.restore.open_database", killed)
    (tmp_path / "new").mkdir()
    shutil.copy(visited / "secret.key", tmp_path / "new")
    assert run("--data", tmp_path / "new", "restore", backup).exit_code == 137
    assert written_anew(tmp_path / "new")


def written_anew(data: Path) -> bool:
    """Whether every score, of which there are some, is looked at now and known to nobody."""
    with runtime_of(data) as runtime, runtime.engine.begin() as connection:
        due = scores.to_look_at(connection, runtime.clock(), 100)
        known = connection.execute(select(tables.scores.c.contact_id)).scalars().all()
        found = scores.read_scores(connection, due)
    return sorted(due) == sorted(known) != [] and {one.written for one in found.values()} == {None}


def test_a_backup_is_two_files_for_its_owner_alone_and_the_key_is_told(
    visited: Path, tmp_path: Path
) -> None:
    told = run("--data", visited, "backup", tmp_path / "b")
    assert {one.name for one in (tmp_path / "b").iterdir()} == {"main.db", "inbox.db"}
    assert {one.stat().st_mode & 0o77 for one in [tmp_path / "b", *(tmp_path / "b").iterdir()]} == {
        0
    }
    assert f"keep a copy of {visited / 'secret.key'} elsewhere" in told.stdout
    assert told.stderr.startswith("main.db: ")


def test_f07_a_backup_beside_a_receiver_and_a_worker_is_always_a_pair(tmp_path: Path) -> None:
    """Receipts come and are done meanwhile: the cursor never passes the copied inbox."""
    data = connected(tmp_path / "data")
    stop = threading.Event()
    with runtime_of(data) as runtime:

        def work() -> None:
            while not stop.is_set():
                runtime.inbox.append(Receipt("mautic", NOW, {}, b"{}" * 500))
                with runtime.engine.begin() as connection:
                    runtime.inbox.done(connection, runtime.inbox.claim(connection, 10))

        thread = threading.Thread(target=work)
        thread.start()
        try:
            for number in range(8):
                assert run("--data", data, "backup", tmp_path / f"{number}").exit_code == 0
        finally:
            stop.set()
            thread.join()
    put_back(tmp_path / "7", tmp_path / "new", data)
    with runtime_of(tmp_path / "new") as runtime, runtime.engine.begin() as connection:
        assert 0 < inbox_cursor(connection) <= runtime.inbox.last_id()


def test_a_folder_that_has_databases_is_never_overwritten(visited: Path, backup: Path) -> None:
    assert "has a main.db already" in refused("--data", visited, "restore", backup)
    assert "has a main.db already" in refused("--data", visited, "backup", backup)


def test_half_a_backup_is_refused(visited: Path, backup: Path, tmp_path: Path) -> None:
    (backup / "inbox.db").unlink()
    told = refused("--data", tmp_path / "new", "restore", backup)
    assert "there is no inbox.db" in told
    assert not (tmp_path / "new").exists()
    assert "there is no main.db" in refused("--data", tmp_path / "no", "backup", tmp_path / "x")


def altered(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as opened, opened:
        opened.execute(statement)


@pytest.mark.parametrize(
    ("file", "statement", "words"),
    [
        ("inbox.db", "UPDATE inbox_meta SET value = 'other'", "do not belong together"),
        ("inbox.db", "UPDATE sqlite_sequence SET seq = 0", "inbox.db is older"),
        ("main.db", "UPDATE alembic_version SET version_num = '9999'", "by a newer Maturo"),
        ("main.db", "DROP TABLE alembic_version", "no database of Maturo"),
    ],
)
def test_f07_a_pair_that_could_not_start_is_refused_and_nothing_is_left(
    backup: Path, tmp_path: Path, file: str, statement: str, words: str
) -> None:
    altered(backup / file, statement)
    assert words in run("--data", tmp_path / "new", "restore", backup).stderr
    assert list((tmp_path / "new").iterdir()) == []


def test_a_damaged_file_is_refused(backup: Path, tmp_path: Path) -> None:
    content = bytearray((backup / "main.db").read_bytes())
    content[8192:12288] = b"\xff" * 4096
    (backup / "main.db").write_bytes(content)
    told = run("--data", tmp_path / "new", "restore", backup)
    assert (told.exit_code, "main.db cannot be copied" in told.stderr) == (1, True)
    assert list((tmp_path / "new").iterdir()) == []


def test_without_the_key_or_with_another_it_says_so_and_makes_none(
    visited: Path, backup: Path, tmp_path: Path
) -> None:
    told = run("--data", tmp_path / "new", "restore", backup)
    assert told.exit_code == 1
    assert "the key is missing: copy secret.key" in told.stderr
    assert not (tmp_path / "new" / "secret.key").exists()
    (tmp_path / "other").mkdir()
    with runtime_of(tmp_path / "third"):
        shutil.copy(tmp_path / "third" / "secret.key", tmp_path / "other")
    told = run("--data", tmp_path / "other", "restore", backup)
    assert "does not open with this key" in told.stderr


@pytest.mark.parametrize(("name", "words"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_with_postgresql_its_own_tools_are_named(name: str, words: str, tmp_path: Path) -> None:
    url = "postgresql://nobody@127.0.0.1:9/none"
    told = refused(name, tmp_path / "b", MATURO_DATABASE_URL=url, MATURO_KEY="x" * 44)
    assert words in told
    assert not (tmp_path / "b").exists()
