"""Categories of mails, assets and forms, as some delivery told them; others leave them out.

Mautic names the category of a mail when it is sent, but not when it is opened or clicked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select, update

from connectors.activity import Activity, Subject

from . import news
from .moments import to_us
from .tables import categories
from .upsert import chunks, upsert

#: The category and when it was told (microseconds) by type and id of the subject.
_Told = dict[tuple[str, str], tuple[int, str]]


def learn(connection: Connection, connection_id: int, found: Iterable[Activity]) -> None:
    """Keep the category of every subject that has an id and one; of several the latest told.

    Whoever did something about a subject whose category is news will be looked at again.
    """
    told = _latest(found)
    known = _known(connection, connection_id, told) if told else {}
    fresh = {
        one: told[one]
        for one in told
        if one not in known or (told[one] > known[one] and told[one][1] != known[one][1])
    }
    upsert(
        connection,
        categories,
        [
            {
                "connection_id": connection_id,
                "type": type,
                "subject": id,
                "category": category,
                "told_at": told_at,
            }
            for (type, id), (told_at, category) in sorted(fresh.items())
        ],
        unless_after="told_at",
    )
    news.note(connection, connection_id, fresh)


def confirm(connection: Connection, connection_id: int, found: Iterable[Activity]) -> None:
    """Note when what is known was told last, so that nothing older replaces it."""
    for (type, id), (told_at, category) in sorted(_latest(found).items()):
        connection.execute(
            update(categories)
            .where(
                categories.c.connection_id == connection_id,
                categories.c.type == type,
                categories.c.subject == id,
                categories.c.category == category,
                categories.c.told_at < told_at,
            )
            .values(told_at=told_at)
        )


def _latest(found: Iterable[Activity]) -> _Told:
    latest: _Told = {}
    for activity in found:
        about = activity.subject
        if about.id and about.category:
            told = to_us(activity.occurred_at), about.category
            latest[about.type, about.id] = max(latest.get((about.type, about.id), told), told)
    return latest


def _known(connection: Connection, connection_id: int, told: _Told) -> _Told:
    return {
        (row.type, row.subject): (row.told_at, row.category)
        for chunk in chunks(sorted({id for _, id in told}))
        for row in connection.execute(
            select(categories).where(
                categories.c.connection_id == connection_id, categories.c.subject.in_(chunk)
            )
        )
    }


def known_categories(
    connection: Connection, subjects: Iterable[str]
) -> Mapping[tuple[int, str, str | None], str]:
    """The kept categories of subjects of these ids, by connection (our id), type and id."""
    return {
        (row.connection_id, row.type, row.subject): row.category
        for chunk in chunks(sorted(subjects))
        for row in connection.execute(select(categories).where(categories.c.subject.in_(chunk)))
    }


def with_category(
    subject: Subject, connection_id: int, known: Mapping[tuple[int, str, str | None], str]
) -> Subject:
    """The subject with its category, if it was left out and is known."""
    if subject.category is not None:
        return subject
    category = known.get((connection_id, subject.type, subject.id))
    return subject if category is None else subject._replace(category=category)
