"""Contacts and what became of their ids: merged into another, or erased leaving a proof."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from . import arrivals, companies, dead_letters, histories, runs, tables, verdicts
from .email_keys import along, take_along
from .locks import one_writer, take, take_free
from .moments import to_us
from .progress import erasure_salt
from .tables import (
    actions,
    challenger_scores,
    company_members,
    connections,
    contacts,
    crossings,
    deliveries,
    email_keys,
    entries,
    erasures,
    fuses,
    identities,
    inquiries,
    open_entries,
    scores,
)
from .upsert import chunks, insert_new

#: ``ASKED`` while the platform has not said what became of it.
ACTIVE, ASKED, MERGED = "active", "asked", "merged"


@dataclass(frozen=True, slots=True)
class StoredContact:
    """A contact that holds a history (never a merged-away one)."""

    id: int
    connection_id: int
    platform_id: str
    state: str


def register(
    connection: Connection, connection_id: int, platform_ids: Iterable[str]
) -> dict[str, int]:
    """Our contact for each platform id, made where unknown; a merged id leads to its survivor.

    Erased contacts are left out: what still arrives of them is not kept.
    """
    wanted = set(platform_ids)
    known = _lookup(connection, connection_id, wanted)
    fresh = _not_erased(connection, connection_id, wanted - known.keys())
    insert_new(
        connection,
        contacts,
        [
            {"connection_id": connection_id, "platform_id": platform_id, "state": ACTIVE}
            for platform_id in sorted(fresh)
        ],
    )
    return known | _lookup(connection, connection_id, fresh)


def busy(connection: Connection, connection_id: int, platform_ids: Iterable[str]) -> set[str]:
    """Take these contacts for this transaction; answers those that another one is working on.

    Or on the same person elsewhere.
    """
    if one_writer(connection):
        return set()
    ids = register(connection, connection_id, platform_ids)
    free = set(take_along(connection, take_free(connection, set(ids.values()))))
    return {name for name, contact_id in ids.items() if contact_id not in free}


def hold(connection: Connection, connection_id: int, platform_ids: Iterable[str]) -> dict[str, int]:
    """As ``register``, and nobody else works on these contacts before this transaction ends."""
    wanted = set(platform_ids)
    while True:
        ids = register(connection, connection_id, wanted)
        others = along(connection, ids.values()).values()
        # Whoever was waited for may have merged one of them.
        if take(connection, {*ids.values(), *(one for found in others for one in found)}):
            return ids


def find(connection: Connection, connection_id: int, platform_id: str) -> StoredContact | None:
    """The contact that holds the history of this platform id, if there is one."""
    found = _lookup(connection, connection_id, {platform_id}).get(platform_id)
    return None if found is None else get(connection, found)


def get(connection: Connection, contact_id: int) -> StoredContact:
    """The contact of that id."""
    row = connection.execute(select(contacts).where(contacts.c.id == contact_id)).one()
    return StoredContact(row.id, row.connection_id, row.platform_id, row.state)


def holder(connection: Connection, contact_id: int) -> int | None:
    """Our contact that holds the history of this one, merged or not; ``None`` if it is gone."""
    row = connection.execute(select(contacts).where(contacts.c.id == contact_id)).first()
    return None if row is None else row.merged_into or row.id


def addresses(connection: Connection, contact_ids: Sequence[int]) -> dict[int, str]:
    """``CONNECTION/CONTACT`` of each of these contacts."""
    joined = contacts.join(connections, connections.c.id == contacts.c.connection_id)
    return {
        row.id: f"{row.name}/{row.platform_id}"
        for chunk in chunks(contact_ids)
        for row in connection.execute(
            select(contacts.c.id, contacts.c.platform_id, connections.c.name)
            .select_from(joined)
            .where(contacts.c.id.in_(chunk))
        )
    }


def connections_of(connection: Connection, contact_ids: Sequence[int]) -> dict[int, int]:
    """The connection of each of these contacts."""
    return {
        row.id: row.connection_id
        for chunk in chunks(contact_ids)
        for row in connection.execute(
            select(contacts.c.id, contacts.c.connection_id).where(contacts.c.id.in_(chunk))
        )
    }


def ids_of(connection: Connection, contact: StoredContact) -> dict[int, str]:
    """Our ids and the platform's of the contact and of those that were merged into it."""
    own = (contacts.c.id == contact.id) | (contacts.c.merged_into == contact.id)
    rows = connection.execute(select(contacts.c.id, contacts.c.platform_id).where(own))
    return {row.id: row.platform_id for row in rows}


def was_erased(connection: Connection, connection_id: int, platform_id: str) -> bool:
    """Whether a contact of that platform id was erased."""
    return not _not_erased(connection, connection_id, {platform_id})


def active_after(
    connection: Connection, connection_id: int, after: int, limit: int
) -> list[StoredContact]:
    """The next contacts behind our id ``after`` of whose ids nothing is being asked."""
    rows = connection.execute(
        select(contacts)
        .where(
            contacts.c.connection_id == connection_id,
            contacts.c.state == ACTIVE,
            contacts.c.id > after,
        )
        .order_by(contacts.c.id)
        .limit(limit)
    )
    return [StoredContact(row.id, row.connection_id, row.platform_id, row.state) for row in rows]


def merge(connection: Connection, loser: int, survivor: int) -> None:
    """Give the loser's whole history to the survivor; the loser's id leads there from now on.

    The ledger keeps the loser's entries; reversing them, merging actions and folding the
    survivor is the caller's, in the same transaction.
    """
    histories.merge(connection, loser, survivor)
    companies.merge(connection, loser, survivor)
    arrivals.merge(connection, loser, survivor)
    verdicts.merge(connection, loser, survivor)
    for table in (
        scores,
        challenger_scores,
        deliveries,
        email_keys,
        fuses,
        identities,
        inquiries,
    ):
        connection.execute(delete(table).where(table.c.contact_id == loser))
    connection.execute(
        update(contacts)
        .where((contacts.c.id == loser) | (contacts.c.merged_into == loser))
        .values(state=MERGED, merged_into=survivor)
    )


def erase(connection: Connection, contact: StoredContact, now: datetime) -> None:
    """Delete what this database holds of the contact and its merged ids, but salted proofs.

    Nobody can tell whom an unreadable item is about: every dead letter of the connection loses
    its content. The inbox is not touched: its receipts still hold what was delivered.
    """
    known = ids_of(connection, contact)
    ids = list(known)
    proofs = _proofs(connection, contact.connection_id, known.values())
    histories.erase(connection, ids)
    for table in (
        actions,
        tables.arrivals,
        challenger_scores,
        company_members,
        crossings,
        deliveries,
        email_keys,
        entries,
        fuses,
        identities,
        inquiries,
        open_entries,
        scores,
        tables.verdicts,
    ):
        connection.execute(delete(table).where(table.c.contact_id.in_(ids)))
    dead_letters.blank(connection, contact.connection_id)
    runs.delete_rehearsals(connection)
    connection.execute(update(contacts).where(contacts.c.id.in_(ids)).values(merged_into=None))
    connection.execute(delete(contacts).where(contacts.c.id.in_(ids)))
    insert_new(
        connection,
        erasures,
        [
            {"connection_id": contact.connection_id, "proof": proof, "erased_at": to_us(now)}
            for proof in proofs
        ],
    )


def _lookup(connection: Connection, connection_id: int, wanted: set[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in chunks(sorted(wanted)):
        rows = connection.execute(
            select(contacts.c.platform_id, contacts.c.id, contacts.c.merged_into).where(
                contacts.c.connection_id == connection_id, contacts.c.platform_id.in_(chunk)
            )
        )
        found.update({row.platform_id: row.merged_into or row.id for row in rows})
    return found


def _not_erased(connection: Connection, connection_id: int, wanted: set[str]) -> set[str]:
    if not wanted:
        return wanted
    proofs = _proofs(connection, connection_id, wanted)
    erased = {
        row.proof
        for chunk in chunks(list(proofs))
        for row in connection.execute(
            select(erasures.c.proof).where(
                erasures.c.connection_id == connection_id, erasures.c.proof.in_(chunk)
            )
        )
    }
    return {one for proof, one in proofs.items() if proof not in erased}


def _proofs(
    connection: Connection, connection_id: int, platform_ids: Iterable[str]
) -> dict[bytes, str]:
    salt = erasure_salt(connection)
    return {
        hmac.digest(salt, f"{connection_id}/{one}".encode(), hashlib.sha256): one
        for one in platform_ids
    }
