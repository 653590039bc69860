"""Which contacts of several connections are one person: those with the same e-mail address."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, delete, func, select

from . import locks
from .connections import REMOVED
from .tables import connections, contacts, email_keys
from .upsert import chunks, insert_new


@dataclass(frozen=True, slots=True)
class Shared:
    """Who has an address. ``contacts`` are of one connection each, in the order of these.

    Nobody can tell whom an address means of which a connection knows two contacts: then it joins
    nobody, and ``contacts`` is empty. ``all`` are those whom a change of the address may concern.
    ``leader`` is where things are done once for the person.
    """

    contacts: tuple[int, ...]
    all: frozenset[int]
    leader: int | None


def key_of(email: Any) -> bytes | None:
    """The same for an address however it is written; ``None`` for what is none.

    Small and capital letters and spaces around do not matter, everything else does.
    """
    if not isinstance(email, str) or "@" not in email:
        return None
    return blake2b(email.strip().lower().encode(), digest_size=16, usedforsecurity=False).digest()


def keys_of(connection: Connection, contact_ids: Collection[int]) -> dict[int, bytes]:
    """The key of each of these contacts that has one."""
    return {
        row.contact_id: row.key
        for chunk in chunks(sorted(contact_ids))
        for row in connection.execute(
            select(email_keys.c.contact_id, email_keys.c.key).where(
                email_keys.c.contact_id.in_(chunk)
            )
        )
    }


def along(connection: Connection, contact_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """Who is the same person as each of these contacts elsewhere: whoever scores one holds all.

    Nobody where whoever writes is alone.
    """
    if locks.one_writer(connection):
        return {}
    keys = keys_of(connection, contact_ids)
    found = shared(connection, set(keys.values())) if keys else {}
    return {one: frozenset(found[key].contacts) - {one} for one, key in keys.items()}


def take_along(connection: Connection, contact_ids: Collection[int]) -> list[int]:
    """Of these contacts, which are held: those of whom the whole person is free, held now as well.

    Waiting for the rest of a person while holding a part is how two workers stop each other.
    """
    others = along(connection, contact_ids)
    free = locks.take_free(connection, {one for found in others.values() for one in found})
    return [one for one in contact_ids if free.issuperset(others.get(one, ()))]


def hold(connection: Connection, keys: Collection[bytes]) -> None:
    """Nobody else changes who has one of these keys before this transaction ends."""
    for key in sorted(keys):
        locks.alone(connection, f"email key {key.hex()}")


def change(connection: Connection, keys: Mapping[int, bytes | None]) -> None:
    """Know these contacts under these keys instead of those they had."""
    for chunk in chunks(sorted(keys)):
        connection.execute(delete(email_keys).where(email_keys.c.contact_id.in_(chunk)))
    insert_new(
        connection,
        email_keys,
        [
            {"contact_id": row.id, "connection_id": row.connection_id, "key": keys[row.id]}
            for chunk in chunks(sorted(one for one in keys if keys[one]))
            for row in connection.execute(
                select(contacts.c.id, contacts.c.connection_id).where(contacts.c.id.in_(chunk))
            )
        ],
    )


def shared(connection: Connection, keys: Collection[bytes]) -> dict[bytes, Shared]:
    """Who has each of these keys."""
    own = email_keys.c
    found: defaultdict[bytes, list[Any]] = defaultdict(list)
    for chunk in chunks(sorted(keys)):
        # Counted there: thousands may have one address, such as that of a switchboard.
        rows = connection.execute(
            select(
                own.key,
                func.min(own.contact_id).label("first"),
                func.max(own.contact_id).label("last"),
                connections.c.state,
            )
            .join(connections, connections.c.id == own.connection_id)
            .where(own.key.in_(chunk))
            .group_by(own.key, own.connection_id, connections.c.state)
            .order_by(own.key, own.connection_id)
        )
        for row in rows:
            found[row.key].append(row)
    return {key: _shared(rows) for key, rows in found.items()}


def _shared(rows: Collection[Any]) -> Shared:
    both = frozenset(one for row in rows for one in (row.first, row.last))
    if len(rows) < 2 or any(row.first != row.last for row in rows):
        return Shared((), both, None)
    there = (row.first for row in rows if row.state != REMOVED)
    known = tuple(row.first for row in rows)
    return Shared(known, both, next(there, known[0]))
