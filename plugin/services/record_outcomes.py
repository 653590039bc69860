"""Use case: who was won and lost, told by a table; looked at first, then recorded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from connectors.activity import Activity, Origin, Reading, Subject
from plugin.storage import connections, contacts, dead_letters, identities
from plugin.storage.engine import for_reading
from plugin.storage.vault import Vault

from . import audit
from .outcome_file import ToldOutcome
from .plan_actions import score_silently
from .rescore import live_scorecard
from .score import Connectors, keep

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Matched:
    """Whom the rows of a table mean. ``ambiguous`` and ``unknown`` are their lines."""

    activities: tuple[tuple[str, Activity], ...]
    outcomes: Counter[str]
    unknown: tuple[int, ...]
    ambiguous: tuple[int, ...]


def match(engine: Engine, told: Sequence[ToldOutcome], now: datetime) -> Matched:
    """Find the contacts by e-mail, in every connection; an address of several in one is nobody's.

    ``activities`` are told with the name of their connection; nothing is written.
    """
    with for_reading(engine).begin() as connection:
        having = identities.having(connection, {one.email for one in told})
        everybody = [one for ids in having.values() for one in ids]
        addresses = contacts.addresses(connection, everybody)
    found: list[tuple[str, Activity]] = []
    outcomes: Counter[str] = Counter()
    unknown, ambiguous = [], []
    for row in told:
        of = [addresses[one].partition("/") for one in having.get(row.email, ())]
        if not of:
            unknown.append(row.line)
        elif len({name for name, _, _ in of}) < len(of):
            ambiguous.append(row.line)
        else:
            outcomes[row.outcome] += 1
            found += [(name, _activity(row, id, now)) for name, _, id in of]
    return Matched(tuple(found), outcomes, tuple(unknown), tuple(ambiguous))


def _activity(row: ToldOutcome, contact: str, now: datetime) -> Activity:
    # What is told later corrects what was told before, whatever day it is about.
    attributes = {"outcome": row.outcome, "recorded_at": now.isoformat()}
    id = f"outcome:{now.isoformat()}:{row.line}"
    subject = Subject("outcome", row.outcome)
    return Activity(
        id, contact, "outcome_recorded", row.at, subject, attributes, origin=Origin.IMPORT
    )


def record_outcomes(
    engine: Engine,
    vault: Vault,
    connectors: Connectors,
    matched: Matched,
    now: datetime,
    who: str,
) -> int:
    """Keep the outcomes, silently; answers of how many contacts. After a crash it is done again."""
    with for_reading(engine).begin() as connection:
        sources = {one.name: one for one in connections.all_connections(connection, vault)}
    for start in range(0, len(matched.activities), _BATCH):
        told: defaultdict[str, list[Activity]] = defaultdict(list)
        for name, activity in matched.activities[start : start + _BATCH]:
            told[name].append(activity)
        with engine.begin() as connection:
            readings = {
                name: [(dead_letters.polled(sources[name].id), Reading(items=tuple(told[name])))]
                for name in sorted(told)
            }
            live = live_scorecard(connection)
            keep(connection, sources, readings, connectors, live, score_silently, now)
    with engine.begin() as connection:
        text = ", ".join(f"{count} {one}" for one, count in sorted(matched.outcomes.items()))
        audit.record(connection, who, "outcomes.recorded", "contacts", None, text, now)
    return len(matched.activities)
