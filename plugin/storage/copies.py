"""Copies of SQLite databases that other processes may be using."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path


class Unsound(Exception):
    """The file is no sound database; the message says which, and what SQLite found."""


def copy_database(source: Path, target: Path) -> None:
    """Copy the database as it is now; the copy was checked and is on the disk afterwards.

    Nobody is kept from writing meanwhile. What was deleted is not in the copy. Raises ``Unsound``,
    or ``OSError`` when there is no such file.
    """
    # SQLite's own words for it are "unable to open database file".
    source.stat()
    try:
        # Not by copying bytes: closing a file that SQLite uses would drop this process's locks.
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as opened:
            _check(opened)
            opened.execute("VACUUM INTO ?", (str(target),))
        with closing(sqlite3.connect(target)) as copied:
            _check(copied)
    except sqlite3.Error as error:
        raise Unsound(f"{source} cannot be copied: {error}") from error
    target.chmod(0o600)
    # SQLite does not: https://www.sqlite.org/lang_vacuum.html#vacuuminto
    _sync(target)


def move_files(names: tuple[str, ...], source: Path, target: Path) -> None:
    """Move files from folder to folder, in this order; they are there also after a power loss."""
    for name in names:
        (source / name).rename(target / name)
        _sync(target)


def _check(opened: sqlite3.Connection) -> None:
    [found] = opened.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(found)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
