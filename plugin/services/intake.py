"""What deliveries say, into storage: activities, profiles, removals, and what could not be read."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from connectors.activity import (
    Activity,
    BrokenItem,
    CompanyChange,
    Origin,
    ProfileChange,
    Reading,
    Removal,
)
from plugin.scoring.history import ProfileFact, profile
from plugin.storage import (
    categories,
    companies,
    contacts,
    dead_letters,
    facts,
    forms,
    histories,
    inquiries,
    locks,
    tallies,
)
from plugin.storage.connections import StoredConnection


@dataclass(slots=True)
class Intake:
    """The items of one connection, sorted by what they are."""

    activities: list[Activity] = field(default_factory=list)
    profiles: list[ProfileChange] = field(default_factory=list)
    companies: list[CompanyChange] = field(default_factory=list)
    removals: list[Removal] = field(default_factory=list)
    broken: list[tuple[int, BrokenItem]] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)


def sort_items(readings: Iterable[tuple[int, Reading]]) -> Intake:
    """Sort the items of readings, each given with its receipt's id."""
    intake = Intake()
    for receipt_id, reading in readings:
        for item in reading.items:
            match item:
                case Activity():
                    intake.activities.append(item)
                case ProfileChange():
                    intake.profiles.append(item)
                case CompanyChange():
                    intake.companies.append(item)
                case Removal():
                    intake.removals.append(item)
        intake.broken += [(receipt_id, item) for item in reading.broken]
        intake.counted.update(reading.ignored)
        intake.counted[tallies.TESTS] += reading.test
    return intake


def named(reading: Reading) -> set[str]:
    """The contacts (the platform's ids) that the items of a reading are about."""
    return {item.contact for item in reading.items if not isinstance(item, CompanyChange)}


def store(
    connection: Connection,
    source: StoredConnection,
    intake: Intake,
    own: tuple[frozenset[str], frozenset[str]],
    now: datetime,
) -> set[int]:
    """Keep the items; answers the contacts (our ids) whose score may have changed.

    ``own`` are the fields and tags that only we write: they are no facts about a contact.
    """
    _take_turns(connection, source, intake)
    ids = contacts.hold(connection, source.id, _named(intake))
    told = [
        (ids[change.contact], _without_own(change, *own))
        for change in intake.profiles
        if change.contact in ids
    ]
    changes = _news(connection, told)
    known = [(ids[one.contact], one) for one in intake.activities if one.contact in ids]
    gone = {ids[removal.contact] for removal in intake.removals if removal.contact in ids}
    # Polling tells most things again: who did nothing new is not scored anew.
    active = _active(connection, source, known)
    changed, echoes = _changed(connection, source, changes, active)
    touched = active | histories.add(connection, source.id, known, changes, now)
    colleagues = companies.add_changes(connection, source.id, intake.companies)
    categories.learn(connection, source.id, intake.activities)
    forms.used(connection, source.id, _forms(intake), now)
    inquiries.ask(connection, source.id, gone, now)
    dead_letters.bury(connection, source.id, intake.broken, now)
    intake.counted[tallies.ECHOES] += echoes
    intake.counted[tallies.ERASED] += len(intake.activities) - len(known)
    return touched | changed | colleagues


def count(connection: Connection, source: StoredConnection, intake: Intake, now: datetime) -> None:
    """Note what was stored where all workers note it: last, because each keeps others waiting."""
    categories.confirm(connection, source.id, intake.activities)
    tallies.add(connection, source.id, intake.counted, now)


def _take_turns(connection: Connection, source: StoredConnection, intake: Intake) -> None:
    """Who changes companies is alone, so that no contact joins one unseen meanwhile."""
    (locks.alone if intake.companies else locks.beside)(connection, f"companies of {source.id}")


def _named(intake: Intake) -> set[str]:
    named = {activity.contact for activity in intake.activities}
    named |= {change.contact for change in intake.profiles}
    return named | {removal.contact for removal in intake.removals}


def _forms(intake: Intake) -> set[str]:
    return {
        one.subject.id
        for one in intake.activities
        if one.kind == "form_submitted" and one.subject.id
    }


def _without_own(
    change: ProfileChange, own_fields: frozenset[str], own_tags: frozenset[str]
) -> ProfileChange:
    fields = {name: value for name, value in change.fields.items() if name not in own_fields}
    if isinstance(tags := fields.get("tags"), list):
        fields["tags"] = [tag for tag in tags if tag not in own_tags]
    return replace(change, fields=fields)


def _news(
    connection: Connection, told: Sequence[tuple[int, ProfileChange]]
) -> list[tuple[int, ProfileChange]]:
    """Without the contacts that were seen once more and had not changed."""
    seen = [contact_id for contact_id, change in told if change.origin is Origin.POLL]
    known = defaultdict(list, histories.read_facts(connection, seen))
    return [(one, change) for one, change in told if facts.is_news(change, known[one])]


def _active(
    connection: Connection, source: StoredConnection, told: Sequence[tuple[int, Activity]]
) -> set[int]:
    """The contacts who did what was not known, or known of another."""
    held = histories.holders(connection, source.id, {one.id for _, one in told})
    return {contact_id for contact_id, one in told if held.get(one.id) != contact_id}


def _changed(
    connection: Connection,
    source: StoredConnection,
    changes: Sequence[tuple[int, ProfileChange]],
    touched: Set[int],
) -> tuple[set[int], int]:
    """The contacts whose profile these changes alter, and how many echoes of our writes there are.

    An echo is saved by us and says nothing new. Both are asked for, because a firm may use one
    account for us and for people. It is a fact like any other and kept: dropped, it would be
    missing when a late delivery brings what came before it.
    """
    told: defaultdict[int, list[ProfileFact]] = defaultdict(list)
    ours: Counter[int] = Counter()
    for contact_id, change in changes:
        told[contact_id].append(ProfileFact(change.at, change.order, change.fields))
        ours[contact_id] += change.author is not None and change.author == source.author
    asked = [one for one in told if one not in touched or ours[one]]
    before = histories.read_facts(connection, asked)
    changed = {one for one in asked if profile([*before[one], *told[one]]) != profile(before[one])}
    return changed, sum(ours[one] for one in asked if one not in changed)
