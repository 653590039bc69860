"""Use case: count tries at what can be guessed, for all processes together."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Engine

from plugin.storage import tries
from plugin.storage.engine import for_reading

#: Above every limit. From here on nothing is written: who floods us must not cost us writes.
_ENOUGH = 100


def tries_so_far(engine: Engine, name: str, now: datetime) -> tuple[int, datetime]:
    """How many tries of that name there were in the while that lasts, and when it ends."""
    with for_reading(engine).begin() as connection:
        return tries.so_far(connection, _digest(name), now)


def count_try(engine: Engine, name: str, number: int, lasts: timedelta, now: datetime) -> int:
    """Count so many more tries, of a while that ``lasts`` so long; answers how many there are."""
    known = tries_so_far(engine, name, now)[0]
    if known >= _ENOUGH:
        return known + number
    with engine.begin() as connection:
        tries.add(connection, _digest(name), number, now + lasts, now)
        return tries.so_far(connection, _digest(name), now)[0]


def _digest(name: str) -> str:
    # Addresses of people and machines are in it.
    return sha256(name.encode()).hexdigest()
