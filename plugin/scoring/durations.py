"""Durations as marketers write them: ``30d``, ``12h``, ``15m``, ``2w``."""

from __future__ import annotations

import re
from datetime import timedelta

_UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
}
_TEXT = re.compile(r"([1-9][0-9]{0,5})([wdhm])", re.ASCII)
_LONGEST = timedelta(days=36_500)


def parse_duration(text: str) -> timedelta:
    """The duration that ``text`` names, at most a hundred years; ``ValueError`` says what else."""
    found = _TEXT.fullmatch(text.strip())
    duration = int(found[1]) * _UNITS[found[2]] if found else timedelta()
    if not timedelta() < duration <= _LONGEST:
        raise ValueError("must be a duration such as 30d, 12h or 15m, at most 36500d")
    return duration


def format_duration(duration: timedelta) -> str:
    """The text that ``parse_duration`` reads as this duration of whole minutes, never in weeks."""
    for unit in "dh":
        if not duration % _UNITS[unit]:
            return f"{duration // _UNITS[unit]}{unit}"
    return f"{duration // _UNITS['m']}m"
