"""F12: a database of an older version is brought to this one, whole or not at all."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from plugin.storage import database
from plugin.storage.database import head, open_main
from tests.contract import storage_kit

_NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "next", "{before}", None, None


def upgrade() -> None:
    op.add_column("contacts", sa.Column("shoe_size", sa.Integer()))
    op.execute("UPDATE contacts SET shoe_size = 42")
    {then}
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A database of today with one contact, for a version of tomorrow to open."""
    with storage_kit.database("sqlite", tmp_path) as engine, engine.begin() as connection:
        storage_kit.contact(connection, "7")
    return tmp_path / "main.db"


def of_tomorrow(monkeypatch: pytest.MonkeyPatch, folder: Path, then: str = "") -> None:
    """From now on this version knows one more migration."""
    migrations = folder / "migrations"
    shutil.copytree(database._MIGRATIONS, migrations, dirs_exist_ok=True)
    (migrations / "versions" / "next.py").write_text(_NEXT.format(before=head(), then=then))
    monkeypatch.setattr(database, "_MIGRATIONS", migrations)


def test_f12_an_old_database_is_brought_to_this_version_with_all_that_is_in_it(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_tomorrow(monkeypatch, tmp_path)
    open_main(old).dispose()
    assert asked(old, "SELECT platform_id, shoe_size FROM contacts") == [("7", 42)]
    assert asked(old, "SELECT version_num FROM alembic_version") == [("next",)]


def test_f12_a_migration_that_fails_leaves_the_database_as_it_was(
    old: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = asked(old, "SELECT sql FROM sqlite_master")
    with monkeypatch.context() as tomorrow:
        of_tomorrow(tomorrow, tmp_path, then="raise KeyboardInterrupt")
        with pytest.raises(KeyboardInterrupt):
            open_main(old)
    assert asked(old, "SELECT sql FROM sqlite_master") == before
    open_main(old).dispose()
    assert asked(old, "SELECT platform_id FROM contacts") == [("7",)]


def asked(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as opened:
        return opened.execute(query).fetchall()
