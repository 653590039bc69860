"""Use case: bring due write-backs to one platform, and note what became of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from connectors.commands import SCORE_VALUES, Outcome, UpdateContact
from connectors.errors import AuthFailed, ConnectorError, Missing, Transient, Unsupported
from plugin.storage import (
    connections,
    deliveries,
    fuses,
    inquiries,
    locks,
    scores,
    tallies,
)
from plugin.storage.connections import StoredConnection
from plugin.storage.deliveries import Delivery
from plugin.storage.engine import for_reading

from .lag import note_lags

#: Seconds before the second attempt; doubled with each further one, up to the longest pause.
FIRST_PAUSE, LONGEST_PAUSE = 2.0, 3600.0

#: Seconds: a platform that asks for more is misread, or wrong.
_LONGEST_ASKED = 86_400.0

#: Carries commands out at the platform, such as ``Session.apply``.
Apply = Callable[[Sequence[UpdateContact]], list[Outcome]]

#: A number from 0 up to 1, such as ``random.random``: spreads retries so that they do not meet.
Jitter = Callable[[], float]


def deliver_batch(
    engine: Engine,
    source: StoredConnection,
    apply: Apply,
    limit: int,
    clock: Callable[[], datetime],
    jitter: Jitter,
) -> int:
    """Send up to ``limit`` due deliveries of a connection; answers how many the platform took.

    What was sent and not noted (a crash in between) is sent again: every value is absolute.
    When the platform does not accept us the connection waits for a human, nothing is lost.
    Raises ``Transient``, after noting it, when the platform could take none of them: what else
    is due should not be tried before a pause either.
    """
    now = clock()
    due = _due(engine, source, limit, now)
    if not due:
        return 0
    outcomes = _applied(apply, [_command(delivery) for delivery in due])
    with engine.begin() as connection:
        locks.take(connection, [delivery.contact_id for delivery in due])
        for delivery, outcome in zip(due, outcomes, strict=True):
            _note(connection, source, delivery, outcome, now, jitter)
        held = [one for one, outcome in zip(due, outcomes, strict=True) if not outcome.error]
        fuses.written(connection, [one.contact_id for one in held], now)
        note_lags(connection, source, held, clock())
        tallies.add(connection, source.id, Counter(map(_told, outcomes)), now)
    errors = [outcome.error for outcome in outcomes]
    if isinstance(errors[0], Transient) and all(isinstance(one, Transient) for one in errors):
        raise errors[0]
    return errors.count(None)


def pause(attempts: int, retry_after: float | None, jitter: Jitter) -> timedelta:
    """How long to wait after this many failed attempts; not less than the platform asked."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts, 20))
    asked = min(retry_after or 0.0, _LONGEST_ASKED)
    return timedelta(seconds=max(longest * (0.5 + jitter() / 2), asked))


def _due(engine: Engine, source: StoredConnection, limit: int, now: datetime) -> list[Delivery]:
    """What is due, but for contacts whose fuse is blown: these rest, and are written once after."""
    with for_reading(engine).begin() as connection:
        due = deliveries.due(connection, source.id, now, limit)
        resting = fuses.blown(connection, [one.contact_id for one in due], now)
    if resting:
        with engine.begin() as connection:
            for one in due:
                if until := resting.get(one.contact_id):
                    deliveries.rest(connection, one, until, _FUSE)
    return [one for one in due if one.contact_id not in resting]


#: Shown beside the contact.
_FUSE = (
    f"written {fuses.LIMIT} times within the hour: something seems to answer our writes by changes "
    "of its own; written again when the hour is over"
)


def _applied(apply: Apply, commands: Sequence[UpdateContact]) -> list[Outcome]:
    try:
        return apply(commands)
    except (Transient, AuthFailed) as error:
        return [Outcome(command, error=error) for command in commands]


def _command(delivery: Delivery) -> UpdateContact:
    values = delivery.values
    return UpdateContact(
        contact=delivery.platform_id,
        values={name: values[name] for name in SCORE_VALUES},
        add_tags=(values["tag"],) if values["tag"] else (),
        remove_tags=tuple(values["remove_tags"]),
    )


def _note(
    connection: Connection,
    source: StoredConnection,
    delivery: Delivery,
    outcome: Outcome,
    now: datetime,
    jitter: Jitter,
) -> None:
    match outcome.error:
        case None:
            deliveries.done(connection, delivery, now)
            scores.set_written(connection, delivery.contact_id, _written(delivery.values), now)
            if outcome.contact not in (None, delivery.platform_id):
                _ask_about(connection, source, delivery, now)
        case Transient() as error:
            wait = pause(delivery.attempts, error.retry_after, jitter)
            deliveries.postpone(connection, delivery, now + wait, str(error))
        case AuthFailed() as error:
            deliveries.postpone(connection, delivery, now, str(error))
            connections.set_state(connection, source.id, connections.NEEDS_AUTHENTICATION)
        case Unsupported():
            # This platform holds no scores: nothing was written, and nothing is amiss.
            deliveries.done(connection, delivery, now)
            scores.set_written(connection, delivery.contact_id, _written(delivery.values), now)
        case Missing() as error:
            deliveries.refuse(connection, delivery, str(error))
            _ask_about(connection, source, delivery, now)
        case ConnectorError() as error:
            deliveries.refuse(connection, delivery, str(error))


def _told(outcome: Outcome) -> str:
    match outcome.error:
        case None:
            return tallies.SENT + "written"
        case Transient() | AuthFailed():
            return tallies.SENT + "postponed"
        case Unsupported():
            return tallies.SENT + "unsupported"
        case _:
            return tallies.SENT + "refused"


def _ask_about(
    connection: Connection, source: StoredConnection, delivery: Delivery, now: datetime
) -> None:
    inquiries.ask(connection, source.id, [delivery.contact_id], now)


def _written(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "remove_tags"}
