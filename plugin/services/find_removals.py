"""Use case: ask the platform, in turn, which of the contacts we know it still has.

A deletion or a merge of which no webhook told leaves no other trace in what a platform records.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from connectors.errors import ConnectorError
from plugin.storage import contacts, inquiries, positions
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading
from plugin.storage.positions import REMOVALS, Position

from .deliver import Jitter
from .due import read_on

#: Which of these contacts the platform shows no more, such as ``Session.gone``.
Gone = Callable[[Sequence[str]], Collection[str]]

#: Contacts asked about at once.
_STEP = 200
#: From one question to the next, and from the end of a round to the next round.
_PAUSE, _REST = timedelta(minutes=1), timedelta(hours=1)
_AFTER = "after"
#: More than half of those asked about, and at least so many, do not vanish without a word.
_MANY = 20


class Emptied(ConnectorError):
    """The platform seems to have lost its contacts; the message says what a person can do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question brought: of so many contacts so many are gone; ``over`` ends the round."""

    contacts: int
    gone: int
    over: bool


def find_removals_due(
    engine: Engine,
    source: StoredConnection,
    gone: Gone,
    clock: Callable[[], datetime],
    jitter: Jitter,
) -> Asked | None:
    """Ask about the next contacts; ``None`` if it is not time, or somebody else does.

    What became of those that are gone, ``settle_removals`` asks one by one. What goes wrong is
    noted, and raised: the next attempt waits longer each time. Raises ``Emptied`` when so many
    are gone at once that a person should look first; nobody is asked about then.
    """
    position = _position(engine, source, clock())
    ask = partial(_ask, engine, source, partial(_believable, source, gone), position, clock)
    return read_on(engine, position, ask, clock, jitter)


def _believable(source: StoredConnection, gone: Gone, asked: Sequence[str]) -> Collection[str]:
    missing = gone(asked)
    if len(missing) >= _MANY and 2 * len(missing) > len(asked):
        raise Emptied(
            f"{len(missing)} of {len(asked)} contacts are gone at once: was the platform restored "
            f"from an old backup, or emptied? Nobody is erased. If they are to go, "
            f"run maturo reconcile {source.name}"
        )
    return missing


def find_removals(
    engine: Engine, source: StoredConnection, gone: Gone, clock: Callable[[], datetime]
) -> Asked:
    """Ask about the next contacts now. Raises what ``gone`` raises; then nothing moved on."""
    return _ask(engine, source, gone, _position(engine, source, clock()), clock)


def begin_round(engine: Engine, source: StoredConnection, now: datetime) -> None:
    """Let the next question be about the first contacts."""
    with engine.begin() as connection:
        positions.begin_anew(connection, source.id, REMOVALS, now)


def _position(engine: Engine, source: StoredConnection, now: datetime) -> Position:
    with for_reading(engine).begin() as connection:
        found = positions.find(connection, source.id, REMOVALS)
    if found is None:
        with engine.begin() as connection:
            positions.begin(connection, source.id, REMOVALS, {}, now)
            found = positions.find(connection, source.id, REMOVALS)
    assert found is not None  # noqa: S101
    return found


def _ask(
    engine: Engine,
    source: StoredConnection,
    gone: Gone,
    position: Position,
    clock: Callable[[], datetime],
) -> Asked:
    after = int(position.cursors.get(_AFTER, 0))
    with for_reading(engine).begin() as connection:
        known = contacts.active_after(connection, source.id, after, _STEP)
    missing = gone([one.platform_id for one in known]) if known else ()
    over, now = len(known) < _STEP, clock()
    with engine.begin() as connection:
        # If somebody else moved on meanwhile: to ask about the same ones twice does no harm.
        positions.advance(
            connection,
            position,
            {} if over else {_AFTER: str(known[-1].id)},
            rows=len(known),
            remaining=None,
            caught_up_at=now if over else None,
            next_at=now + (_REST if over else _PAUSE),
        )
        ids = contacts.hold(connection, source.id, missing)
        inquiries.ask(connection, source.id, ids.values(), now)
    return Asked(len(known), len(missing), over)
