"""What contacts did and were: the input of every score. How it is packed is told in ``pages``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from connectors.activity import Activity, Evidence, Origin, ProfileChange, Subject
from plugin.scoring.history import ProfileFact, history

from . import arrivals, companies, locks
from .moments import from_us, to_us
from .objects import complete
from .pages import Book, PackedActivity, Page, unpacked
from .tables import activities, contacts, histories
from .upsert import chunks, upsert

_EVIDENCE = {one.value: one for one in Evidence}
_ORIGIN = {one.value: one for one in Origin}

#: Activities or changes, each with its contact (our id).
_Activities = Iterable[tuple[int, Activity]]
_Changes = Iterable[tuple[int, ProfileChange]]


@dataclass(slots=True)
class StoredHistory:
    """Everything recorded of one contact; companies by their platform id.

    A fact that only repeats the one before it is left out.
    """

    activities: list[Activity] = field(default_factory=list)
    facts: list[ProfileFact] = field(default_factory=list)
    companies: dict[str, list[ProfileFact]] = field(default_factory=dict)


def add(
    connection: Connection, connection_id: int, found: _Activities, said: _Changes, now: datetime
) -> set[int]:
    """Keep activities, and what was said of contacts and which company they belong to.

    The caller holds these contacts. Of two versions of an activity the one that tells more stays.
    Two versions may name two contacts. Answers the contacts whose activities changed by it.
    """
    told, changes = list(found), list(said)
    places = _held_places(connection, connection_id, {activity.id for _, activity in told})
    holders = {contact_id for contact_id, _ in places.values()}
    books = _books(connection, holders | {one for one, _ in told} | {one for one, _ in changes})
    fresh = _telling_more(connection, told, places, books)
    replaced = [activity.id for _, activity in fresh if activity.id in places]
    for id in replaced:
        held_by, occurred_at = places[id]
        books[held_by].take_activity(occurred_at, id)
    for chunk in chunks(replaced):
        connection.execute(delete(activities).where(_named(connection_id, chunk)))
    for contact_id, activity in fresh:
        books[contact_id].put_activity(_packed(activity, now))
    for contact_id, change in changes:
        books[contact_id].put_fact(to_us(change.at), change.order, change.fields)
    _save(connection, books)
    if fresh:
        connection.execute(insert(activities), [_row(connection_id, *one) for one in fresh])
        arrivals.add(connection, [one for one in fresh if one[1].id not in places], now)
    companies.add_members(
        connection,
        connection_id,
        [
            (str(company), contact_id)
            for contact_id, change in changes
            if (company := change.fields.get("company_id"))
        ],
    )
    return {contact_id for contact_id, _ in fresh} | {places[id][0] for id in replaced}


def holders(connection: Connection, connection_id: int, ids: Collection[str]) -> dict[str, int]:
    """In whose history each of the activities is kept; those that are not are left out."""
    places = _places(connection, connection_id, ids)
    return {id: contact_id for id, (contact_id, _) in places.items()}


def add_activities(
    connection: Connection, connection_id: int, found: _Activities, now: datetime
) -> set[int]:
    """``add`` where nothing was said of contacts."""
    return add(connection, connection_id, found, (), now)


def add_profile_changes(connection: Connection, connection_id: int, said: _Changes) -> None:
    """``add`` where no contact did anything."""
    add(connection, connection_id, (), said, from_us(0))


def merge(connection: Connection, loser: int, survivor: int) -> None:
    """Give the loser's whole history to the survivor."""
    books = _books(connection, {survivor})
    moved: list[str] = []
    for page in _pages(connection, [loser])[loser].values():
        content = unpacked(page)
        books[survivor].put_all(content)
        moved += [activity[1] for activity in content.activities]
    _save(connection, books)
    connection.execute(delete(histories).where(histories.c.contact_id == loser))
    source = _connection_of(connection, loser)
    for chunk in chunks(moved):
        connection.execute(
            update(activities).where(_named(source, chunk)).values(contact_id=survivor)
        )


def erase(connection: Connection, contact_ids: Sequence[int]) -> None:
    """Delete what these contacts did and were."""
    for contact_id, pages in _pages(connection, contact_ids).items():
        source = _connection_of(connection, contact_id)
        known = [activity[1] for page in pages.values() for activity in unpacked(page).activities]
        for chunk in chunks(known):
            connection.execute(delete(activities).where(_named(source, chunk)))
        connection.execute(delete(histories).where(histories.c.contact_id == contact_id))


def read_facts(connection: Connection, contact_ids: Sequence[int]) -> dict[int, list[ProfileFact]]:
    """What was said of each contact, in order; of its companies nothing."""
    return {
        contact_id: [fact for _, page in sorted(pages.items()) for fact in _facts(unpacked(page))]
        for contact_id, pages in _pages(connection, contact_ids).items()
    }


def read_histories(
    connection: Connection, contact_ids: Sequence[int], known_at: datetime | None = None
) -> dict[int, StoredHistory]:
    """The recorded history of each contact; an empty one where nothing is known.

    With ``known_at`` without the activities that were recorded later.
    """
    found = {one: StoredHistory() for one in contact_ids}
    by_source: defaultdict[int, set[int]] = defaultdict(set)
    until = None if known_at is None else to_us(known_at)
    for chunk in chunks(contact_ids):
        rows = connection.execute(
            select(histories.c.contact_id, histories.c.page, contacts.c.connection_id)
            .join(contacts, contacts.c.id == histories.c.contact_id)
            .where(histories.c.contact_id.in_(chunk))
            .order_by(histories.c.contact_id, histories.c.begin)
        )
        for contact_id, page, source in rows.all():
            content, own = unpacked(page), found[contact_id]
            own.facts += _facts(content)
            own.activities += _activities(content, contact_id, until)
            by_source[source].add(contact_id)
    for source, own_contacts in by_source.items():
        complete(connection, source, [found[one].activities for one in own_contacts])
    for contact_id, known in companies.read_companies(connection, contact_ids).items():
        found[contact_id].companies = known
    return found


def _held_places(
    connection: Connection, connection_id: int, ids: Collection[str]
) -> dict[str, tuple[int, int]]:
    """``_places``, whose contacts nobody else changes before this transaction ends."""
    while True:
        places = _places(connection, connection_id, ids)
        # Whoever was waited for may have merged one of them: its activities are elsewhere now.
        if locks.take(connection, {contact_id for contact_id, _ in places.values()}):
            return places


def _places(
    connection: Connection, connection_id: int, ids: Collection[str]
) -> dict[str, tuple[int, int]]:
    """The contact and the moment (microseconds) of each activity that is known."""
    wanted = select(activities.c.activity_id, activities.c.contact_id, activities.c.occurred_at)
    return {
        id: (contact_id, occurred_at)
        for chunk in chunks(sorted(ids))
        for id, contact_id, occurred_at in connection.execute(
            wanted.where(_named(connection_id, chunk))
        ).all()
    }


def _telling_more(
    connection: Connection,
    told: Sequence[tuple[int, Activity]],
    places: Mapping[str, tuple[int, int]],
    books: Mapping[int, Book],
) -> list[tuple[int, Activity]]:
    """Those of the activities that are to be kept: new ones, and better versions of known ones."""
    times = Counter(activity.id for _, activity in told)
    rivals = [one for one in told if one[1].id in places or times[one[1].id] > 1]
    if not rivals:
        return list(told)
    held = {id: places[id] for id in times if id in places}
    # By the platform's id, because ours depend on who came first.
    names = _platform_ids(
        connection, {one for one, _ in rivals} | {one for one, _ in held.values()}
    )
    before = {
        id: _activity(books[held_by].activity(occurred_at, id), names[held_by])
        for id, (held_by, occurred_at) in held.items()
    }
    given = [activity._replace(contact=names[contact_id]) for contact_id, activity in rivals]
    chosen = history([*before.values(), *given], ()).activities
    ours = {name: contact_id for contact_id, name in names.items()}
    alone = [one for one in told if one[1].id not in places and times[one[1].id] == 1]
    return alone + [(ours[one.contact], one) for one in chosen if one != before.get(one.id)]


def _platform_ids(connection: Connection, contact_ids: Collection[int]) -> dict[int, str]:
    return {
        row.id: row.platform_id
        for chunk in chunks(sorted(contact_ids))
        for row in connection.execute(
            select(contacts.c.id, contacts.c.platform_id).where(contacts.c.id.in_(chunk))
        )
    }


def _connection_of(connection: Connection, contact_id: int) -> int:
    found: int = connection.execute(
        select(contacts.c.connection_id).where(contacts.c.id == contact_id)
    ).scalar_one()
    return found


def _named(connection_id: int, ids: Sequence[str]) -> ColumnElement[bool]:
    return and_(activities.c.connection_id == connection_id, activities.c.activity_id.in_(ids))


def _pages(connection: Connection, contact_ids: Iterable[int]) -> dict[int, dict[int, bytes]]:
    pages: dict[int, dict[int, bytes]] = {one: {} for one in contact_ids}
    for chunk in chunks(sorted(pages)):
        rows = connection.execute(select(histories).where(histories.c.contact_id.in_(chunk)))
        for contact_id, begin, page in rows.all():
            pages[contact_id][begin] = page
    return pages


def _books(connection: Connection, contact_ids: Iterable[int]) -> dict[int, Book]:
    return {one: Book(pages) for one, pages in _pages(connection, contact_ids).items()}


def _save(connection: Connection, books: Mapping[int, Book]) -> None:
    upsert(
        connection,
        histories,
        [
            {"contact_id": contact_id, "begin": begin, "page": page}
            for contact_id, book in books.items()
            for begin, page in book.changed().items()
        ],
    )


def _row(connection_id: int, contact_id: int, activity: Activity) -> dict[str, object]:
    return {
        "connection_id": connection_id,
        "activity_id": activity.id,
        "contact_id": contact_id,
        "occurred_at": to_us(activity.occurred_at),
        "type": activity.subject.type,
        "subject": activity.subject.id,
    }


def _packed(activity: Activity, now: datetime) -> PackedActivity:
    about = activity.subject
    return [
        to_us(activity.occurred_at),
        activity.id,
        activity.kind,
        [about.type, about.id, about.name, about.category, about.url],
        activity.attributes,
        activity.evidence.value,
        activity.proof,
        activity.origin.value,
        to_us(now),
    ]


def _activities(page: Page, contact_id: int, until: int | None) -> list[Activity]:
    known = page.activities
    if until is not None:
        known = [one for one in known if one[-1] <= until]
    contact = str(contact_id)
    return [_activity(one, contact) for one in known]


def _activity(packed: PackedActivity, contact: str) -> Activity:
    occurred_at, id, kind, about, attributes, evidence, proof, origin, _ = packed
    return Activity(
        id,
        contact,
        kind,
        from_us(occurred_at),
        _subject(*about),
        attributes,
        _EVIDENCE[evidence],
        proof,
        _ORIGIN[origin],
    )


#: Contacts share pages and mails: most subjects were met before.
_subject = lru_cache(maxsize=50_000)(Subject)


def _facts(page: Page) -> list[ProfileFact]:
    # A visit says the same of a contact each time: told once, nothing comes between any more.
    facts: list[ProfileFact] = []
    before = None
    for at, order, number in page.facts:
        if number != before:
            facts.append(ProfileFact(from_us(at), order, page.said[number]))
        before = number
    return facts
