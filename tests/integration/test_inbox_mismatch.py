from __future__ import annotations

from pathlib import Path

import pytest

from connectors.mautic.standin.visitors import submit_form, visit
from plugin.config import load_config
from plugin.runtime import open_runtime
from plugin.services.score import InboxMismatch, check_inbox
from plugin.storage.copies import copy_database
from plugin.storage.engine import sqlite_engine
from plugin.storage.inbox import Receipt
from plugin.storage.inbox_file import FileInbox
from tests.installation import Installation


def test_f07_a_foreign_inbox_is_refused(connected: Installation, tmp_path: Path) -> None:
    foreign = FileInbox(sqlite_engine(tmp_path / "foreign.db"))
    with pytest.raises(InboxMismatch, match="do not belong together"):
        check_inbox(foreign, connected.engine)
    foreign.close()


def test_f07_an_older_copy_of_the_inbox_is_refused(connected: Installation, tmp_path: Path) -> None:
    visit(connected.standin, None, "https://shop.example/")
    connected.score()
    older = sqlite_engine(tmp_path / "older.db")
    FileInbox(older).close()
    with older.begin() as connection:
        epoch = connected.runtime.inbox.epoch()
        connection.exec_driver_sql(f"UPDATE inbox_meta SET value = '{epoch}'")
    inbox = FileInbox(older)
    with pytest.raises(InboxMismatch, match=r"ends at receipt 0, .* scored up to 1"):
        check_inbox(inbox, connected.engine)
    inbox.close()


def test_the_own_inbox_is_accepted_again_and_again(connected: Installation) -> None:
    visit(connected.standin, None, "https://shop.example/")
    connected.score()
    for _ in range(2):
        check_inbox(connected.runtime.inbox, connected.engine)


def test_a_refused_data_folder_is_closed_again(tmp_path: Path) -> None:
    config = load_config({}, {"data": str(tmp_path)})
    with open_runtime(config) as runtime:
        runtime.inbox.append(Receipt("acme", runtime.clock(), {}, b"x"))
    for name in ("inbox.db", "inbox.db-wal", "inbox.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    with pytest.raises(InboxMismatch), open_runtime(config):
        pass


def test_f07_an_older_database_beside_the_inbox_of_today_scores_again_and_doubles_nothing(
    connected: Installation, tmp_path: Path
) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    copy_database(connected.runtime.config.main_path, tmp_path / "older.db")
    for page in range(3):
        visit(connected.standin, ada, f"https://shop.example/{page}")
    connected.score()
    lived = connected.points(ada)
    older = sqlite_engine(tmp_path / "older.db")
    check_inbox(connected.runtime.inbox, older)
    connected.engine = older
    assert connected.points(ada) < lived
    assert connected.score() >= 3
    assert connected.points(ada) == lived
    assert connected.score() == 0
    older.dispose()
