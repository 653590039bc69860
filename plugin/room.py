"""How much room is left in the data folder, and when that is too little."""

from __future__ import annotations

import shutil

from plugin.config import Config

#: With less nothing more is taken in: what was taken must still be scored. Of a small disk less.
_RESERVE, _RESERVED_PART = 200_000_000, 50
#: With less somebody should know, long before.
_ALARM, _ALARMING_PART = 2_000_000_000, 10


def free_bytes(config: Config) -> int | None:
    """The room left; ``None`` with PostgreSQL, whose own monitoring knows."""
    return None if config.database_url else shutil.disk_usage(config.data).free


def no_room(config: Config) -> str | None:
    """Why nothing more can be taken in; ``None`` while there is room."""
    return _told(config, _RESERVE, _RESERVED_PART)


def little_room(config: Config) -> str | None:
    """Why somebody should look at the disk soon; ``None`` while there is no need."""
    return _told(config, _ALARM, _ALARMING_PART)


def _told(config: Config, least: int, part: int) -> str | None:
    if config.database_url:
        return None
    disk = shutil.disk_usage(config.data)
    wanted = min(least, disk.total // part)
    if disk.free >= wanted:
        return None
    return f"{disk.free} bytes free in the data folder, expected {wanted} or more"
