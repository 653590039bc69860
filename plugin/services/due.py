"""Reading on from a position: when it is time, one reader at once, ever more rarely if it fails."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Engine

from connectors.errors import ConnectorError, Transient
from plugin.storage import positions
from plugin.storage.positions import Position

from .deliver import Jitter, pause
from .score import PASSING

_T = TypeVar("_T")

#: Nobody else reads on meanwhile. A reader that was killed leaves it to others after this.
_LEASE = timedelta(minutes=2)


def read_on(
    engine: Engine,
    position: Position,
    read: Callable[[], _T],
    clock: Callable[[], datetime],
    jitter: Jitter,
) -> _T | None:
    """What ``read`` gives; ``None`` if the position is not due, or somebody else's.

    What goes wrong is noted, and raised: the next attempt waits longer each time.
    """
    now = clock()
    if position.next_at > now:
        return None
    with engine.begin() as connection:
        if not positions.claim(connection, position, now + _LEASE):
            return None
    try:
        return read()
    except PASSING:
        raise
    except Exception as error:
        _postpone(engine, position, error, clock(), jitter)
        raise


def _postpone(
    engine: Engine, position: Position, error: Exception, now: datetime, jitter: Jitter
) -> None:
    asked = error.retry_after if isinstance(error, Transient) else None
    wait = pause(position.attempts, asked, jitter)
    # Of a fault of ours the type alone: its message may quote what a contact typed.
    why = str(error) if isinstance(error, ConnectorError) else type(error).__name__
    with engine.begin() as connection:
        positions.postpone(connection, position, now + wait, why)
