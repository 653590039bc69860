"""Use case: do what scorecards ask for, at one platform, each thing exactly once.

``calling`` is committed before the platform is asked. After a crash there the platform is asked
whether it happened; where it cannot tell, nothing is repeated and a human sees it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from connectors.commands import ACTIONS, AddNote, Command, Notify, Outcome
from connectors.errors import AuthFailed, ConnectorError, Missing, Transient
from plugin.scoring.actions import HANDOVERS
from plugin.storage import actions
from plugin.storage.actions import StoredAction
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading

from .deliver import Jitter, pause
from .reasons import named
from .rescore import live_scorecard

#: Carries commands out at the platform, such as ``Session.apply``.
Apply = Callable[[Sequence[Command]], list[Outcome]]
#: Asks whether a command was carried out since a moment, such as ``Session.was_done``.
WasDone = Callable[[Command, datetime], bool | None]
#: What a call note says of a contact (our id), such as ``reasons_for_sales``.
Tell = Callable[[Connection, int], str]

_WEEK = timedelta(days=7)
#: Connectors give up after a minute; asking earlier might find the platform still at it.
LONGEST_CALL = timedelta(seconds=90)


def act_batch(
    engine: Engine,
    source: StoredConnection,
    apply: Apply,
    limit: int,
    tell: Tell,
    now: datetime,
    jitter: Jitter,
) -> int:
    """Do up to ``limit`` due actions of a connection; answers how many were settled.

    Raises ``AuthFailed`` or ``Transient``, after noting it, as soon as the platform takes nothing
    now: what else is due should not be tried before a pause either.
    """
    with for_reading(engine).begin() as connection:
        due = _due(connection, source, limit, now)
    return sum(_do(engine, action, apply, tell, now, jitter) for action in due)


def clear_up(
    engine: Engine,
    source: StoredConnection,
    was_done: WasDone,
    tell: Tell,
    now: datetime,
    jitter: Jitter,
) -> None:
    """Settle calls whose answer was lost, or whose sender ended, once they are surely over.

    ``AuthFailed`` goes through.
    """
    with for_reading(engine).begin() as connection:
        interrupted = actions.interrupted(connection, source.id, now)
    for action in interrupted:
        _clear_up(engine, action, was_done, tell, now, jitter)


def _due(
    connection: Connection, source: StoredConnection, limit: int, now: datetime
) -> list[StoredAction]:
    due = actions.due(connection, source.id, now, ACTIONS.keys() - HANDOVERS, limit)
    handovers = actions.due(connection, source.id, now, HANDOVERS, limit)
    if handovers:
        handovers = handovers[: _room(connection, source, now)]
    return due + handovers


def _room(connection: Connection, source: StoredConnection, now: datetime) -> int | None:
    """How many hand-overs sales can still take; ``None`` for any number."""
    capacity = live_scorecard(connection).card.handovers_per_week
    if capacity is None:
        return None
    taken = actions.called_since(connection, source.id, HANDOVERS, now - _WEEK)
    return max(capacity - taken, 0)


def _do(
    engine: Engine,
    action: StoredAction,
    apply: Apply,
    tell: Tell,
    now: datetime,
    jitter: Jitter,
) -> bool:
    with engine.begin() as connection:
        if not actions.call(connection, action, now, now + LONGEST_CALL):
            return False
        command = _command(connection, action, tell, now)
    try:
        [outcome] = apply([command])
    except (Transient, AuthFailed) as error:
        outcome = Outcome(command, error=error)
    with engine.begin() as connection:
        _note(connection, action, outcome, now, jitter)
    if isinstance(outcome.error, Transient | AuthFailed):
        raise outcome.error
    return True


def _note(
    connection: Connection, action: StoredAction, outcome: Outcome, now: datetime, jitter: Jitter
) -> None:
    error = outcome.error
    if outcome.in_doubt and not outcome.command.repeatable:
        return  # It stays ``calling``: when the call is surely over the platform is asked.
    match error:
        case None:
            actions.settle(connection, action, actions.DONE)
        case Transient():
            wait = pause(action.attempts, error.retry_after, jitter)
            actions.postpone(connection, action, now + wait, str(error))
        case AuthFailed():
            actions.postpone(connection, action, now, str(error))
        case ConnectorError():
            actions.settle(connection, action, actions.REFUSED, str(error))


def _clear_up(
    engine: Engine,
    action: StoredAction,
    was_done: WasDone,
    tell: Tell,
    now: datetime,
    jitter: Jitter,
) -> None:
    with for_reading(engine).begin() as connection:
        command = _command(connection, action, tell, now)
    error: ConnectorError | None = None
    done: bool | None = False
    if not command.repeatable:
        try:
            done = was_done(command, action.called_at or action.created_at)
        except (Missing, Transient) as found:
            error = found
    with engine.begin() as connection:
        match error, done:
            case Missing(), _:
                actions.settle(connection, action, actions.REFUSED, str(error))
            case Transient(retry_after=asked), _:
                wait = pause(action.attempts, asked, jitter)
                actions.ask_later(connection, action, now + wait, str(error))
            case _, True:
                actions.settle(connection, action, actions.DONE)
            case _, None:
                actions.settle(connection, action, actions.UNCLEAR, "the platform cannot tell")
            case _:
                actions.postpone(connection, action, now, "interrupted before it was done")


def _command(connection: Connection, action: StoredAction, tell: Tell, now: datetime) -> Command:
    kind = ACTIONS[action.name]
    if kind is Notify:
        title, address = named(connection, action.contact_id)
        return Notify(address, action.operation, title, tell(connection, action.contact_id))
    if kind is not AddNote:
        made: Command = kind(action.platform_id, action.operation, action.object)
        return made
    if action.name == "note":
        return AddNote(action.platform_id, action.operation, action.object)
    text = tell(connection, action.contact_id)
    due = (action.called_at or now) + action.within
    return AddNote(action.platform_id, action.operation, text, "call", due)
