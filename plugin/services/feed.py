"""Use case: what happens right now? Activities as they arrive, and what each of them earned."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from connectors.activity import Activity
from plugin.scoring.lines import Line
from plugin.scoring.scorecard import Scorecard
from plugin.storage import arrivals, connections, contacts, histories, identities, ledger
from plugin.storage.arrivals import Arrival
from plugin.storage.engine import for_reading
from plugin.storage.identities import Identity
from plugin.storage.vault import Vault

from .contact import fired
from .explain import locate
from .pasts import marks_of
from .rescore import live_scorecard


@dataclass(frozen=True, slots=True)
class Arrived:
    """An activity that came, whose it is, and the lines that it made or has a part in."""

    arrival: Arrival
    address: str
    identity: Identity
    activity: Activity
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which activities to watch: empty ones are all. ``contact`` is ``CONNECTION/CONTACT``."""

    connection: str = ""
    kind: str = ""
    contact: str = ""


def newest_activities(
    engine: Engine, vault: Vault, wanted: Wanted, after: int = 0, limit: int = 30
) -> list[Arrived]:
    """The newest activities, newest first, of those that came behind the arrival ``after``.

    Raises ``UnknownContact``.
    """
    with for_reading(engine).begin() as connection:
        contact_id = locate(connection, vault, wanted.contact).id if wanted.contact else None
        found = arrivals.newest(
            connection,
            after,
            limit,
            source=wanted.connection or None,
            kind=wanted.kind or None,
            contact_id=contact_id,
        )
        return _told(connection, found)


def newest_id(engine: Engine) -> int:
    """Behind which arrivals are new."""
    with for_reading(engine).begin() as connection:
        return arrivals.last_id(connection)


def card_in_force(engine: Engine) -> Scorecard:
    """The scorecard whose rules the lines are of."""
    with for_reading(engine).begin() as connection:
        return live_scorecard(connection).card


def connection_names(engine: Engine) -> list[str]:
    """The connections that activities come from."""
    with for_reading(engine).begin() as connection:
        return [one.name for one in connections.known(connection)]


def _told(connection: Connection, found: list[Arrival]) -> list[Arrived]:
    ids = sorted({one.contact_id for one in found})
    recorded, lines = histories.read_histories(connection, ids), ledger.lines_of(connection, ids)
    marks = marks_of(connection, live_scorecard(connection).card, ids)
    marks = marks_of(connection, live_scorecard(connection).card, ids)
    people, addresses = identities.read(connection, ids), contacts.addresses(connection, ids)
    known = {(own, activity.id): activity for own in ids for activity in recorded[own].activities}
    return [
        Arrived(
            one,
            addresses[one.contact_id],
            people.get(one.contact_id, Identity()),
            known[one.contact_id, one.activity_id],
            tuple(fired(lines[one.contact_id], marks[one.contact_id] + one.activity_id)),
        )
        for one in found
        # A better version of it may have been found to be somebody else's.
        if (one.contact_id, one.activity_id) in known
    ]
