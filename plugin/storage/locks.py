"""Who waits for whom on PostgreSQL. On SQLite whoever writes is alone: nothing here does anything.

Whoever changes a contact's history or what was computed of it (score, entries, crossings, delivery,
actions) holds the contact's row until the end of the transaction. Scoring takes rows that are free
and leaves the others to those who have them; whatever must have certain rows waits for them in the
order of their ids. Both take whole persons, as ``email_keys`` knows them: who is known to several
platforms is scored as one. So no one computes a score beside somebody else, and what is read under
the lock is complete: who comes second sees all that the first has committed.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select, func, select

from .tables import contacts, scores
from .upsert import chunks


def one_writer(connection: Connection) -> bool:
    """Whether a transaction that writes is alone in this database."""
    return connection.dialect.name == "sqlite"


def alone(connection: Connection, purpose: str) -> None:
    """Wait until no other transaction has this purpose; none will before this one ends."""
    if not one_writer(connection):
        connection.execute(select(func.pg_advisory_xact_lock(_number(purpose))))


def beside(connection: Connection, purpose: str) -> None:
    """Wait for who is ``alone`` with this purpose; others may be beside us."""
    if not one_writer(connection):
        connection.execute(select(func.pg_advisory_xact_lock_shared(_number(purpose))))


def take_free(connection: Connection, contact_ids: Collection[int]) -> set[int]:
    """Hold those of these contacts (our ids) that nobody else holds; answers which.

    Merged and erased ones are not answered.
    """
    if one_writer(connection):
        return set(contact_ids)
    free: set[int] = set()
    for chunk in chunks(sorted(contact_ids)):
        statement = _unmerged(chunk).with_for_update(key_share=True, skip_locked=True)
        free.update(connection.execute(statement).scalars())
    return free


def free(statement: Select[Any]) -> Select[Any]:
    """The statement, which names contacts and scores, holding what it finds and nobody else holds.

    Rows that changed while it looked are judged anew as they are now.
    """
    return statement.with_for_update(key_share=True, skip_locked=True, of=[contacts, scores])


def take(connection: Connection, contact_ids: Collection[int]) -> bool:
    """Hold these contacts (our ids), waiting for who holds one.

    False if one of them turned out to be merged or erased: then it is not held.
    """
    if one_writer(connection):
        return True
    held = 0
    for chunk in chunks(sorted(set(contact_ids))):
        held += len(connection.execute(_unmerged(chunk).with_for_update(key_share=True)).all())
    return held == len(set(contact_ids))


def _number(purpose: str) -> int:
    return zlib.crc32(f"maturo {purpose}".encode())


def _unmerged(contact_ids: Sequence[int]) -> Select[Any]:
    return (
        select(contacts.c.id)
        .where(contacts.c.id.in_(contact_ids), contacts.c.merged_into.is_(None))
        .order_by(contacts.c.id)
    )
