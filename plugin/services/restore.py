"""Use case: put a backup in place, so that the worker writes every score anew."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

from plugin.storage import connections, scores
from plugin.storage.database import open_main

from .backup import Told, copy_pair


def restore_pair(source: Path, target: Path, told: Told, now: datetime) -> None:
    """Copy the backup in one folder into another, which has no databases, ready for a start.

    Platforms were written since the backup, so nothing is known of what they hold: that is noted
    in the copy before it gets its names, and a restore that was killed never leaves databases that
    know better. Raises what ``copy_pair`` raises; then nothing is left behind.
    """
    copy_pair(source, target, told, partial(_write_everything, now))


def _write_everything(now: datetime, folder: Path) -> None:
    engine = open_main(folder / "main.db")
    try:
        with engine.begin() as connection:
            for source in connections.known(connection):
                scores.write_again(connection, source.id, now)
    finally:
        engine.dispose()
