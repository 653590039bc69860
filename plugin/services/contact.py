"""Use case: all that a person should see of one contact, now or at any past moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from connectors.activity import Activity
from plugin.scoring.curve import curve
from plugin.scoring.evaluate import evaluate
from plugin.scoring.explanation import Explanation
from plugin.scoring.lines import Line
from plugin.scoring.outcomes import Outcome, outcome_of
from plugin.scoring.scorecard import Scorecard
from plugin.scoring.summary import main_interest
from plugin.scoring.verdicts import Verdict
from plugin.storage import actions, deliveries, identities, scores, verdicts
from plugin.storage.actions import ListedAction
from plugin.storage.deliveries import Asked
from plugin.storage.engine import for_reading
from plugin.storage.identities import Identity
from plugin.storage.scores import Crossing, StoredScore
from plugin.storage.vault import Vault

from .explain import Known, known_of, locate
from .pasts import other_addresses
from .verdicts import said_of

#: Activities shown at once, and actions.
PAGE = 25
_CURVE = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Done:
    """An activity, and the lines that it made or has a part in."""

    activity: Activity
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Activities, newest first; ``more`` if there are older ones."""

    done: tuple[Done, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """One contact, by the scorecard ``card`` that its points are of.

    ``stored`` is the newest score (``None`` until the first), ``asked`` what waits to be written.
    ``others`` are the same person's addresses in other connections. ``curve`` are moments with
    the score in micro-points.
    """

    address: str
    identity: Identity
    others: tuple[str, ...]
    card: Scorecard
    stored: StoredScore | None
    explanation: Explanation
    interest: str | None
    curve: tuple[tuple[datetime, int], ...]
    crossings: tuple[Crossing, ...]
    timeline: Timeline
    asked: Asked | None
    actions: tuple[ListedAction, ...]
    outcome: Outcome | None
    verdicts: tuple[Verdict, ...]


def contact_sheet(
    engine: Engine,
    vault: Vault,
    address: str,
    at: datetime,
    language: str,
    known_at: datetime | None = None,
) -> Sheet:
    """What is to be told of ``CONNECTION/CONTACT`` at a moment, also as it was known at another.

    Raises ``UnknownContact``.
    """
    with for_reading(engine).begin() as connection:
        contact = locate(connection, vault, address)
        known = known_of(connection, contact.id, known_at)
        return _sheet(connection, contact.id, address, known, at, language)


def contact_timeline(
    engine: Engine, vault: Vault, address: str, before: tuple[datetime, str], at: datetime
) -> Timeline:
    """The activities before a moment and id, such as those of the last one shown.

    Raises ``UnknownContact``.
    """
    with for_reading(engine).begin() as connection:
        known = known_of(connection, locate(connection, vault, address).id)
    return _timeline(known, at, before)


def fired(lines: Iterable[Line], activity_id: str) -> Iterator[Line]:
    """The lines that an activity made or has a part in."""
    return (line for line in lines if activity_id in line.activities)


def _sheet(
    connection: Connection,
    contact_id: int,
    address: str,
    known: Known,
    at: datetime,
    language: str,
) -> Sheet:
    card, lines = known.live.card, known.folding.lines
    said = verdicts.read(connection, [contact_id])[contact_id]
    return Sheet(
        address=address,
        identity=identities.read(connection, [contact_id]).get(contact_id, Identity()),
        others=other_addresses(connection, card, [contact_id])[contact_id],
        card=card,
        stored=scores.read_scores(connection, [contact_id]).get(contact_id),
        explanation=known.explain(at, language),
        interest=main_interest(card, evaluate(card, lines, at)),
        curve=tuple(curve(card, lines, _since(known, lines, at), at)),
        crossings=tuple(scores.crossings_of(connection, contact_id)),
        timeline=_timeline(known, at),
        asked=deliveries.asked(connection, [contact_id]).get(contact_id),
        actions=tuple(actions.listed(connection, PAGE, contact_id=contact_id)),
        outcome=outcome_of(card.outcomes, known.past),
        verdicts=tuple(said_of(card, known.past.profile, said)),
    )


def _since(known: Known, lines: Sequence[Line], at: datetime) -> datetime:
    """Half a year back, or as far as anything is known."""
    began = [line.valid_from for line in lines] + [
        one.occurred_at for one in known.past.activities[:1]
    ]
    first = min(began, default=at) - timedelta(days=1)
    return min(max(first, at - _CURVE), at - timedelta(days=1))


def _timeline(known: Known, at: datetime, before: tuple[datetime, str] | None = None) -> Timeline:
    shown: list[Done] = []
    for activity in reversed(known.past.activities):
        here = activity.occurred_at, activity.id
        if activity.occurred_at > at or (before is not None and here >= before):
            continue
        if len(shown) == PAGE:
            return Timeline(tuple(shown), True)
        shown.append(Done(activity, tuple(fired(known.folding.lines, activity.id))))
    return Timeline(tuple(shown), False)
