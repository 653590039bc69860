"""Use cases of the person behind a contact: tell everything that is known, or forget it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from connectors.contract import Connector
from plugin.storage import connections, contacts, dead_letters, histories, locks, persons
from plugin.storage.connections import StoredConnection
from plugin.storage.contacts import StoredContact
from plugin.storage.engine import let_go
from plugin.storage.histories import StoredHistory
from plugin.storage.inbox import Inbox, Receipt
from plugin.storage.vault import Vault

from .explain import UnknownContact
from .intake import named
from .score import Connectors

#: Receipts read at once.
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Person:
    """Who is meant: the platform's ids, and the addresses by which deliveries may name them.

    ``contact`` is ``None`` when all but the receipts was erased before.
    """

    source: StoredConnection
    connector: Connector
    contact: StoredContact | None
    ids: frozenset[str]
    addresses: frozenset[bytes] = field(repr=False)

    def is_in(self, receipt: Receipt) -> bool:
        """Whether the receipt names the person."""
        if receipt.connection != self.source.name:
            return False
        body = receipt.body.lower()
        if any(address in body for address in self.addresses):
            return True
        # Reading takes twenty times as long as looking for the bytes.
        if not any(id.lower().encode() in body for id in self.ids):
            return False
        return not named(self.connector.read_webhook(receipt.body)).isdisjoint(self.ids)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many receipts were deleted, and how many that name the person still wait."""

    receipts: int
    waiting: int


def export_person(
    inbox: Inbox, engine: Engine, vault: Vault, connectors: Connectors, address: str
) -> dict[str, Any]:
    """Everything that is kept of ``CONNECTION/CONTACT``. Raises ``UnknownContact``.

    Of receipts only when they came: other people may be in them, and what they say of this one is
    in the activities and facts.
    """
    with engine.begin() as connection:
        person = _person(connection, vault, connectors, address)
        if person.contact is None:
            raise UnknownContact(f'"{address}" was erased: nothing is kept but a salted proof')
        ids = contacts.ids_of(connection, person.contact)
        recorded = histories.read_histories(connection, [person.contact.id])[person.contact.id]
        rows = persons.rows_about(connection, ids)
    activities = sorted(recorded.activities, key=lambda one: one.occurred_at)
    return {
        "connection": person.source.name,
        "contact_ids": sorted(person.ids),
        "facts": recorded.facts,
        "activities": [asdict(one) | {"subject": one.subject._asdict()} for one in activities],
        "companies": recorded.companies,
        "points": "millionths in every table",
        **rows,
        "receipts": [
            {"id": one.id, "received_at": one.received_at} for one in _naming(inbox, person)
        ],
    }


def forget_person(
    inbox: Inbox,
    engine: Engine,
    vault: Vault,
    connectors: Connectors,
    score_waiting: Callable[[], None],
    address: str,
    now: datetime,
) -> Forgotten:
    """Delete what is kept of ``CONNECTION/CONTACT``, and every receipt that names the person.

    What remains is a salted proof of the ids, so that nothing late is kept. ``score_waiting``
    scores what waits: others may be in the same receipt. Raises ``UnknownContact``. Broken off, it
    can be repeated; receipts go first, because afterwards nobody knows the addresses.
    """
    with engine.begin() as connection:
        person = _person(connection, vault, connectors, address)
    deleted = _discard(inbox, engine, person, score_waiting)[0]
    if person.contact is not None:
        with engine.begin() as connection:
            locks.take(connection, list(contacts.ids_of(connection, person.contact)))
            contacts.erase(connection, person.contact, now)
    # What came meanwhile.
    more, waiting = _discard(inbox, engine, person, score_waiting)
    let_go(engine)
    return Forgotten(deleted + more, waiting)


def _person(connection: Connection, vault: Vault, connectors: Connectors, address: str) -> Person:
    name, _, platform_id = address.partition("/")
    source = connections.find(connection, vault, name)
    contact = contacts.find(connection, source.id, platform_id) if source else None
    if source is None or (
        contact is None and not contacts.was_erased(connection, source.id, platform_id)
    ):
        raise UnknownContact(
            f'nothing is known of "{address}"; expected CONNECTION/CONTACT, such as mautic/42, of '
            "a connection that `maturo connections` shows"
        )
    ids, recorded = {0: platform_id}, StoredHistory()
    if contact is not None:
        ids = contacts.ids_of(connection, contact)
        recorded = histories.read_histories(connection, [contact.id])[contact.id]
    known = frozenset(_addresses(recorded))
    return Person(source, connectors(source.connector), contact, frozenset(ids.values()), known)


def _addresses(recorded: StoredHistory) -> Iterator[bytes]:
    for fact in recorded.facts:
        if isinstance(told := fact.fields.get("email"), str) and "@" in told:
            yield told.lower().encode()


def _naming(inbox: Inbox, person: Person) -> Iterator[Receipt]:
    after = 0
    while page := inbox.read(after, _PAGE):
        after = page[-1].id
        yield from (one for one in page if person.is_in(one))


def _discard(
    inbox: Inbox, engine: Engine, person: Person, score_waiting: Callable[[], None]
) -> tuple[int, int]:
    """How many receipts were deleted, and how many could not be because they still wait."""
    score_waiting()
    found = [receipt.id for receipt in _naming(inbox, person)]
    with engine.begin() as connection:
        dead_letters.drop(connection, found)
        deleted = inbox.discard(connection, found)
    return deleted, len(found) - deleted
