"""Contact ids the platform dropped: questions to it, was it merged or deleted?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from .contacts import ACTIVE, ASKED
from .moments import to_us
from .tables import contacts, inquiries
from .upsert import chunks, insert_new


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One open question."""

    contact_id: int
    platform_id: str
    attempts: int


def ask(
    connection: Connection, connection_id: int, contact_ids: Iterable[int], now: datetime
) -> None:
    """Open a question about each contact that has none yet; until the answer it rests."""
    asked = sorted(contact_ids)
    for chunk in chunks(asked):
        chosen = contacts.c.id.in_(chunk)
        connection.execute(update(contacts).where(chosen).values(state=ASKED))
    insert_new(
        connection,
        inquiries,
        [
            {
                "contact_id": contact_id,
                "connection_id": connection_id,
                "attempts": 0,
                "next_attempt_at": to_us(now),
            }
            for contact_id in asked
        ],
    )


def due(connection: Connection, connection_id: int, now: datetime, limit: int) -> list[Inquiry]:
    """The questions whose time has come."""
    rows = connection.execute(
        select(inquiries.c.contact_id, inquiries.c.attempts, contacts.c.platform_id)
        .join(contacts, contacts.c.id == inquiries.c.contact_id)
        .where(
            inquiries.c.connection_id == connection_id, inquiries.c.next_attempt_at <= to_us(now)
        )
        .order_by(inquiries.c.next_attempt_at, inquiries.c.contact_id)
        .limit(limit)
    )
    return [Inquiry(row.contact_id, row.platform_id, row.attempts) for row in rows]


def is_open(connection: Connection, inquiry: Inquiry) -> bool:
    """Whether it is still asked: who was merged or erased since is not."""
    own = select(inquiries.c.contact_id).where(inquiries.c.contact_id == inquiry.contact_id)
    return connection.execute(own).first() is not None


def still_there(connection: Connection, inquiry: Inquiry) -> None:
    """Close the question: nothing became of the contact."""
    own = inquiry.contact_id
    connection.execute(delete(inquiries).where(inquiries.c.contact_id == own))
    connection.execute(update(contacts).where(contacts.c.id == own).values(state=ACTIVE))


def postpone(connection: Connection, inquiry: Inquiry, next_attempt_at: datetime) -> None:
    """The platform could not answer: ask again at that moment."""
    connection.execute(
        update(inquiries)
        .where(inquiries.c.contact_id == inquiry.contact_id)
        .values(attempts=inquiry.attempts + 1, next_attempt_at=to_us(next_attempt_at))
    )


def count(connection: Connection) -> int:
    """How many questions are open."""
    return connection.execute(select(func.count()).select_from(inquiries)).scalar_one()
