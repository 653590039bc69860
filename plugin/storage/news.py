"""Subjects of which something was learnt: whoever did something about one is looked at again.

Everybody may have opened a mail, and whoever changes a score must hold its contact: so it is only
noted along with what told it, and spread afterwards, some contacts at a time in the order of ids.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from . import locks
from .moments import to_us
from .tables import activities, news, scores
from .upsert import chunks, upsert


def note(connection: Connection, connection_id: int, subjects: Iterable[tuple[str, str]]) -> None:
    """Something was learnt of these subjects, given as type and platform id."""
    upsert(
        connection,
        news,
        [
            {"connection_id": connection_id, "type": type, "subject": subject, "after": 0}
            for type, subject in sorted(subjects)
        ],
    )


def wait(connection: Connection) -> bool:
    """Whether there are some to be spread."""
    return connection.execute(select(news.c.subject).limit(1)).first() is not None


def spread(connection: Connection, limit: int, now: datetime) -> None:
    """Let up to ``limit`` contacts whom the first of them concerns be looked at from now on."""
    locks.alone(connection, "news")
    one = connection.execute(select(news).order_by(*news.primary_key).limit(1)).one_or_none()
    if one is None:
        return
    # What is being stored now may be about it without knowing it: that is waited for.
    locks.alone(connection, f"companies of {one.connection_id}")
    found = select(activities.c.contact_id).where(
        activities.c.connection_id == one.connection_id,
        activities.c.subject == one.subject,
        activities.c.type == one.type,
        activities.c.contact_id > one.after,
    )
    ordered = found.distinct().order_by(activities.c.contact_id).limit(limit)
    concerned = connection.execute(ordered).scalars().all()
    locks.take(connection, concerned)
    for chunk in chunks(concerned):
        connection.execute(
            update(scores).where(scores.c.contact_id.in_(chunk)).values(next_look_at=to_us(now))
        )
    own = (
        news.c.connection_id == one.connection_id,
        news.c.type == one.type,
        news.c.subject == one.subject,
    )
    if len(concerned) < limit:
        connection.execute(delete(news).where(*own))
    else:
        connection.execute(update(news).where(*own).values(after=concerned[-1]))
