"""Use case: copy both databases while they are in use."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from plugin.storage.copies import copy_database, move_files
from plugin.storage.database import refuse_unknown
from plugin.storage.engine import sqlite_engine
from plugin.storage.inbox_file import FileInbox

from .score import check_inbox

#: In this order: what is scored up to in the copy of ``main.db`` is in the later one of the inbox.
#: What the inbox has more is scored again after a restore; repeats change nothing.
#: A copy that was broken off lacks the last one, and is refused for that.
FILES = ("main.db", "inbox.db")
_STAGE = ".unfinished"

#: Told the name and the size in bytes of each file that is copied.
Told = Callable[[str, int], None]


class BackupError(Exception):
    """There is nothing to copy, or no room for it; the message says what to do."""


def copy_pair(
    source: Path, target: Path, told: Told, prepare: Callable[[Path], None] = lambda _: None
) -> None:
    """Copy the pair of databases in one folder into another, which has none; both stay usable.

    Only a pair that was checked gets its names there: each file is sound, of a schema this version
    knows, and they belong together. ``prepare`` is told the folder where that pair is until then;
    it leaves no database open. Raises ``BackupError``, ``Unsound``, ``SchemaError`` or
    ``InboxMismatch``; then nothing is left behind.
    """
    for name in FILES:
        if not (source / name).is_file():
            raise BackupError(f'there is no {name} in "{source}": expected {" and ".join(FILES)}')
        if (target / name).exists():
            raise BackupError(
                f'"{target}" has a {name} already: name another folder, or move that one away'
            )
    with _stage(target) as stage:
        for name in FILES:
            told(name, (source / name).stat().st_size)
            copy_database(source / name, stage / name)
        _check_pair(stage)
        prepare(stage)
        move_files(FILES, stage, target)


@contextmanager
def _stage(target: Path) -> Iterator[Path]:
    stage = target / _STAGE
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Of a copy that was killed.
    shutil.rmtree(stage, ignore_errors=True)
    stage.mkdir(mode=0o700)
    try:
        yield stage
    finally:
        shutil.rmtree(stage)


def _check_pair(folder: Path) -> None:
    main = sqlite_engine(folder / "main.db")
    inbox = FileInbox(sqlite_engine(folder / "inbox.db"))
    try:
        with main.begin() as connection:
            refuse_unknown(connection)
        check_inbox(inbox, main)
    finally:
        inbox.close()
        main.dispose()
