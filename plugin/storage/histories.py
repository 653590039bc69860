"""What contacts did and were: the input of every score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select

from connectors.activity import Activity, CompanyChange, Evidence, Origin, ProfileChange, Subject
from plugin.scoring.history import ProfileFact, history, profile

from .categories import known_categories, with_category
from .forms import optional_answers
from .moments import from_us, to_us
from .tables import activities, company_facts, company_members, contacts, profile_facts
from .upsert import chunks, insert_new

#: The columns an activity is made of; the only ones read, because rows are read in millions.
_ACTIVITY = (
    activities.c.contact_id,
    activities.c.occurred_at,
    activities.c.activity_id,
    activities.c.kind,
    activities.c.subject,
    activities.c.attributes,
    activities.c.evidence,
    activities.c.proof,
    activities.c.origin,
    activities.c.connection_id,
)
_EVIDENCE = {one.value: one for one in Evidence}
_ORIGIN = {one.value: one for one in Origin}


@dataclass(slots=True)
class StoredHistory:
    """Everything recorded of one contact, unordered; companies by their platform id."""

    activities: list[Activity] = field(default_factory=list)
    facts: list[ProfileFact] = field(default_factory=list)
    companies: dict[str, list[ProfileFact]] = field(default_factory=dict)


def add_activities(
    connection: Connection,
    connection_id: int,
    found: Iterable[tuple[int, Activity]],
    now: datetime,
) -> set[int]:
    """Keep the activities of contacts (our ids); of two versions the one that tells more stays.

    Two versions may name two contacts. Answers the contacts of the versions that were replaced.
    """
    told = list(found)
    known = _known_activities(connection, connection_id, {activity.id for _, activity in told})
    # By the platform's id, because ours depend on who came first.
    names = _platform_ids(connection, {one for one, _ in (*told, *known.values())})
    before = {id: replace(one, contact=names[held_by]) for id, (held_by, one) in known.items()}
    given = [replace(activity, contact=names[contact_id]) for contact_id, activity in told]
    chosen = history([*before.values(), *given], ()).activities
    fresh = [activity for activity in chosen if activity is not before.get(activity.id)]
    replaced = [activity.id for activity in fresh if activity.id in known]
    for chunk in chunks(replaced):
        connection.execute(delete(activities).where(_named(connection_id, chunk)))
    ours = {name: contact_id for contact_id, name in names.items()}
    rows = [_activity_row(connection_id, ours[one.contact], one, to_us(now)) for one in fresh]
    if rows:
        connection.execute(insert(activities), rows)
    return {known[id][0] for id in replaced}


def known_ids(connection: Connection, connection_id: int, ids: Collection[str]) -> set[str]:
    """Those of the activities that are kept already."""
    wanted = select(activities.c.activity_id)
    return {
        found
        for chunk in chunks(sorted(ids))
        for found in connection.execute(wanted.where(_named(connection_id, chunk))).scalars()
    }


def _known_activities(
    connection: Connection, connection_id: int, ids: Collection[str]
) -> dict[str, tuple[int, Activity]]:
    return {
        row.activity_id: (row.contact_id, _activity(row))
        for chunk in chunks(sorted(ids))
        for row in connection.execute(select(*_ACTIVITY).where(_named(connection_id, chunk)))
    }


def _platform_ids(connection: Connection, contact_ids: Collection[int]) -> dict[int, str]:
    return {
        row.id: row.platform_id
        for chunk in chunks(sorted(contact_ids))
        for row in connection.execute(
            select(contacts.c.id, contacts.c.platform_id).where(contacts.c.id.in_(chunk))
        )
    }


def _named(connection_id: int, ids: Sequence[str]) -> ColumnElement[bool]:
    return and_(activities.c.connection_id == connection_id, activities.c.activity_id.in_(ids))


def add_profile_changes(
    connection: Connection, connection_id: int, changes: Collection[tuple[int, ProfileChange]]
) -> None:
    """Keep what was said of contacts (our ids), and which company they belong to."""
    insert_new(
        connection,
        profile_facts,
        [{"contact_id": contact_id} | _fact_row(change) for contact_id, change in changes],
    )
    memberships = {
        (str(change.fields["company_id"]), contact_id)
        for contact_id, change in changes
        if change.fields.get("company_id")
    }
    insert_new(
        connection,
        company_members,
        [
            {"connection_id": connection_id, "company": company, "contact_id": contact_id}
            for company, contact_id in sorted(memberships)
        ],
    )


def is_news(change: ProfileChange | CompanyChange, known: Sequence[ProfileFact]) -> bool:
    """Whether this is to be kept: how a thing was seen again and again only if it had changed."""
    fact = ProfileFact(change.at, change.order, change.fields)
    return change.origin is not Origin.POLL or profile([*known, fact]) != profile(known)


def add_company_changes(
    connection: Connection, connection_id: int, told: Sequence[CompanyChange]
) -> set[int]:
    """Keep what was said of companies; answers the contacts that ever belonged to a changed one."""
    before = _company_facts(connection, connection_id, told)
    found = [change for change in told if is_news(change, before[change.company])]
    insert_new(
        connection,
        company_facts,
        [
            {"connection_id": connection_id, "company": change.company} | _fact_row(change)
            for change in found
        ],
    )
    after = _company_facts(connection, connection_id, found)
    changed = [one for one in after if profile(after[one]) != profile(before[one])]
    members: set[int] = set()
    for chunk in chunks(sorted(changed)):
        members.update(
            connection.execute(
                select(company_members.c.contact_id).where(
                    company_members.c.connection_id == connection_id,
                    company_members.c.company.in_(chunk),
                )
            ).scalars()
        )
    return members


def _company_facts(
    connection: Connection, connection_id: int, found: Sequence[CompanyChange]
) -> dict[str, list[ProfileFact]]:
    facts: dict[str, list[ProfileFact]] = {change.company: [] for change in found}
    for chunk in chunks(sorted(facts)):
        rows = connection.execute(
            select(company_facts).where(
                company_facts.c.connection_id == connection_id, company_facts.c.company.in_(chunk)
            )
        )
        for row in rows:
            facts[row.company].append(_fact(row.at, row.order, row.fields))
    return facts


def read_facts(connection: Connection, contact_ids: Sequence[int]) -> dict[int, list[ProfileFact]]:
    """What was said of each contact, unordered; of its companies nothing."""
    facts: dict[int, list[ProfileFact]] = {one: [] for one in contact_ids}
    for chunk in chunks(contact_ids):
        rows = connection.execute(
            select(profile_facts).where(profile_facts.c.contact_id.in_(chunk))
        )
        for contact_id, *fact in rows.all():
            facts[contact_id].append(_fact(*fact))
    return facts


def read_histories(
    connection: Connection, contact_ids: Sequence[int], known_at: datetime | None = None
) -> dict[int, StoredHistory]:
    """The recorded history of each contact; an empty one where nothing is known.

    With ``known_at`` without the activities that were recorded later.
    """
    facts = read_facts(connection, contact_ids)
    histories = {one: StoredHistory(facts=facts[one]) for one in contact_ids}
    told = _Told(optional_answers(connection), known_categories(connection))
    wanted = select(*_ACTIVITY)
    if known_at is not None:
        wanted = wanted.where(activities.c.recorded_at <= to_us(known_at))
    for chunk in chunks(contact_ids):
        for row in connection.execute(wanted.where(activities.c.contact_id.in_(chunk))).all():
            histories[row[0]].activities.append(told.completed(_activity(row), row[-1]))
        _read_companies(connection, chunk, histories)
    return histories


def _read_companies(
    connection: Connection, contact_ids: Sequence[int], histories: dict[int, StoredHistory]
) -> None:
    joined = company_members.join(
        company_facts,
        (company_facts.c.connection_id == company_members.c.connection_id)
        & (company_facts.c.company == company_members.c.company),
    )
    rows = connection.execute(
        select(company_members.c.contact_id, company_facts)
        .select_from(joined)
        .where(company_members.c.contact_id.in_(contact_ids))
    )
    by_company: dict[tuple[int, str], list[ProfileFact]] = defaultdict(list)
    for row in rows:
        by_company[row.contact_id, row.company].append(_fact(row.at, row.order, row.fields))
    for (contact_id, company), facts in by_company.items():
        histories[contact_id].companies[company] = facts


def _activity_row(
    connection_id: int, contact_id: int, activity: Activity, recorded_at: int
) -> dict[str, Any]:
    return {
        "contact_id": contact_id,
        "occurred_at": to_us(activity.occurred_at),
        "activity_id": activity.id,
        "connection_id": connection_id,
        "kind": activity.kind,
        "subject": _dump(_subject_as_list(activity.subject)),
        "attributes": _dump(activity.attributes),
        "evidence": activity.evidence.value,
        "proof": activity.proof,
        "origin": activity.origin.value,
        "recorded_at": recorded_at,
    }


def _activity(row: Row[*tuple[Any, ...]]) -> Activity:
    contact_id, occurred_at, id, kind, subject, attributes, evidence, proof, origin, _ = row
    return Activity(
        id,
        str(contact_id),
        kind,
        from_us(occurred_at),
        _subject(subject),
        orjson.loads(attributes),
        _EVIDENCE[evidence],
        proof,
        _ORIGIN[origin],
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """What platforms said of their objects apart from the activities."""

    optional: Mapping[tuple[int, str], list[str]]
    categories: Mapping[tuple[int, str, str | None], str]

    def completed(self, activity: Activity, connection_id: int) -> Activity:
        """With the subject's category and, of a submission, which answers were optional."""
        subject = with_category(activity.subject, connection_id, self.categories)
        if subject is not activity.subject:
            activity = replace(activity, subject=subject)
        if activity.kind != "form_submitted":
            return activity
        optional = self.optional.get((connection_id, subject.id or ""))
        if optional is None:
            return activity
        return replace(activity, attributes={**activity.attributes, "optional": optional})


@lru_cache(maxsize=50_000)
def _subject(stored: str) -> Subject:
    # Contacts share pages and mails: most subjects were met before.
    return Subject(*orjson.loads(stored))


def _fact(at: int, order: str, fields: str) -> ProfileFact:
    return ProfileFact(from_us(at), order, orjson.loads(fields))


def _fact_row(change: ProfileChange | CompanyChange) -> dict[str, Any]:
    return {"at": to_us(change.at), "order": change.order, "fields": _dump(change.fields)}


def _subject_as_list(subject: Subject) -> list[str | None]:
    return [subject.type, subject.id, subject.name, subject.category, subject.url]


def _dump(value: Any) -> str:
    return orjson.dumps(value).decode()
