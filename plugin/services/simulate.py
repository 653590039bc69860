"""Use case: what would an activity bring a contact? Nothing is stored, whatever the answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from connectors.activity import Activity, BrokenItem, Item, ProfileChange, Reading, Subject
from plugin.scoring.explanation import Explanation
from plugin.scoring.history import History, ProfileFact, history
from plugin.storage import connections, scores
from plugin.storage.connections import UnknownConnection
from plugin.storage.engine import for_reading
from plugin.storage.scores import StoredScore
from plugin.storage.vault import Vault

from .explain import Known, locate
from .pasts import pasts
from .rescore import LiveScorecard, live_scorecard, scored
from .score import Connectors

#: What an activity of each kind is about.
_SUBJECTS = {"page_viewed": "page", "form_submitted": "form", "asset_downloaded": "asset"}


@dataclass(frozen=True, slots=True)
class Side:
    """The score in words, and the band that goes with it."""

    explanation: Explanation
    band: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """Before and after; ``items`` are what was understood of the payload, ``broken`` what not."""

    before: Side
    after: Side
    items: tuple[Item, ...]
    broken: tuple[BrokenItem, ...]


class NothingToSimulate(ValueError):
    """The payload says nothing of a contact; the message says what was expected."""


def read_payload(
    engine: Engine, vault: Vault, connectors: Connectors, name: str, body: bytes
) -> Reading:
    """What a webhook's body says, read as one of that connection. Raises ``UnknownConnection``."""
    with for_reading(engine).begin() as connection:
        source = connections.find(connection, vault, name)
    if source is None:
        raise UnknownConnection("no such connection")
    return connectors(source.connector).read_webhook({}, body, source.settings)


def one_activity(kind: str, about: str, now: datetime) -> Reading:
    """One activity of today; ``about`` is the address of a page, or the name of what it is of."""
    subject = Subject(_SUBJECTS.get(kind, "email"), id=about, name=about)
    attributes: dict[str, object] = {}
    if kind == "page_viewed":
        subject = Subject("page", name=about, url=about)
        attributes = {"url": about, "code": 200}
    elif kind in ("form_submitted", "asset_downloaded"):
        attributes = {"alias": about}
    return Reading(items=(Activity("simulated", "0", kind, now, subject, attributes),))


def simulate(
    engine: Engine, vault: Vault, address: str, told: Reading, now: datetime, language: str
) -> Simulation:
    """The score of ``CONNECTION/CONTACT`` now, and if what was ``told`` had happened to it.

    Without an address of a contact that nobody knows yet. Everything told is taken to be of this
    contact. Raises ``UnknownContact`` or ``NothingToSimulate``.
    """
    if not any(isinstance(one, Activity | ProfileChange) for one in told.items):
        raise NothingToSimulate("it tells of no activity and no profile of a contact")
    with for_reading(engine).begin() as connection:
        live = live_scorecard(connection)
        past, stored = _known(connection, live, vault, address)
    return Simulation(
        _side(live, past, stored, now, language),
        _side(live, _with(past, told.items), stored, now, language),
        told.items,
        told.broken,
    )


def _known(
    connection: Connection, live: LiveScorecard, vault: Vault, address: str
) -> tuple[History, StoredScore | None]:
    if not address:
        return History((), ()), None
    own = locate(connection, vault, address).id
    past = pasts(connection, live.card, [own])[own]
    return past, scores.read_scores(connection, [own]).get(own)


def _with(past: History, told: Sequence[Item]) -> History:
    known = [ProfileFact(one.at, "", one.fields) for one in past.profile]
    changes = (one for one in told if isinstance(one, ProfileChange))
    return history(
        [*past.activities, *_activities(past, told)],
        [*known, *(ProfileFact(one.at, one.order, one.fields) for one in changes)],
    )


def _activities(past: History, told: Iterable[Item]) -> list[Activity]:
    known = {one.id for one in past.activities}
    own = past.activities[0].contact if past.activities else "0"
    given = (one for one in told if isinstance(one, Activity))
    return [one._replace(contact=own) for one in given if one.id not in known]


def _side(
    live: LiveScorecard, past: History, stored: StoredScore | None, now: datetime, language: str
) -> Side:
    changed = scored(live, 0, past, stored, now)
    told = Known(past, live, changed.folding).explain(now, language)
    return Side(told, changed.score.band)
