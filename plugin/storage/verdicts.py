"""What sales said of contacts through our own pages and links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from plugin.scoring.verdicts import Word

from .moments import from_us, to_us
from .tables import verdicts
from .upsert import chunks


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A word (``accepted`` or ``rejected``) about a contact, and why, if that was said."""

    contact_id: int
    at: datetime
    word: Word
    reason: str | None = field(repr=False)


def add(connection: Connection, said: StoredVerdict) -> None:
    """Keep what was said; earlier words stand beside it."""
    connection.execute(
        insert(verdicts).values(
            contact_id=said.contact_id, at=to_us(said.at), word=said.word, reason=said.reason
        )
    )


def read(connection: Connection, contact_ids: Sequence[int]) -> dict[int, list[StoredVerdict]]:
    """What was said of each of these contacts, oldest first."""
    found: dict[int, list[StoredVerdict]] = {one: [] for one in contact_ids}
    for chunk in chunks(contact_ids):
        rows = connection.execute(
            select(verdicts).where(verdicts.c.contact_id.in_(chunk)).order_by(verdicts.c.id)
        )
        for row in rows:
            said = StoredVerdict(row.contact_id, from_us(row.at), row.word, row.reason)
            found[row.contact_id].append(said)
    return found


def merge(connection: Connection, loser: int, survivor: int) -> None:
    """Let what was said of the loser be said of the survivor."""
    connection.execute(
        update(verdicts).where(verdicts.c.contact_id == loser).values(contact_id=survivor)
    )
