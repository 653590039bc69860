"""Use cases of the person behind a contact: tell everything that is known, or forget it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from connectors.activity import fields_of
from connectors.contract import Connector
from plugin.storage import connections, contacts, dead_letters, histories, locks, persons
from plugin.storage.connections import StoredConnection
from plugin.storage.contacts import StoredContact
from plugin.storage.engine import let_go
from plugin.storage.histories import StoredHistory
from plugin.storage.inbox import Inbox, Receipt
from plugin.storage.vault import Vault

from . import audit
from .explain import UnknownContact
from .intake import named
from .pasts import joined_with
from .rescore import live_scorecard
from .score import Connectors
from .settle_removals import erase

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
        reading = self.connector.read_webhook(receipt.headers, receipt.body, self.source.settings)
        return not named(reading).isdisjoint(self.ids)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many receipts were deleted, and how many that name the person still wait.

    ``contacts`` are all that were erased, as ``CONNECTION/CONTACT``.
    """

    receipts: int
    waiting: int
    contacts: tuple[str, ...]


def export_person(
    inbox: Inbox, engine: Engine, vault: Vault, connectors: Connectors, address: str
) -> dict[str, Any]:
    """Everything that is kept of ``CONNECTION/CONTACT``. Raises ``UnknownContact``.

    ``joined`` is the same of each contact that is this person in another connection. Of receipts
    only when they came: other people may be in them, and what they say of this one is in the
    activities and facts.
    """
    with engine.begin() as connection:
        person, *others = _persons(connection, vault, connectors, address)
        if person.contact is None:
            raise UnknownContact(f'"{address}" was erased: nothing is kept but a salted proof')
        known = [(one, one.contact) for one in (person, *others) if one.contact]
        told, *joined = [_told(connection, inbox, *one) for one in known]
    return told | {"joined": joined}


def _told(
    connection: Connection, inbox: Inbox, person: Person, contact: StoredContact
) -> dict[str, Any]:
    ids = contacts.ids_of(connection, contact)
    recorded = histories.read_histories(connection, [contact.id])[contact.id]
    rows = persons.rows_about(connection, ids)
    activities = sorted(recorded.activities, key=lambda one: one.occurred_at)
    return {
        "connection": person.source.name,
        "contact_ids": sorted(person.ids),
        "facts": recorded.facts,
        "activities": [fields_of(one) for one in activities],
        "companies": recorded.companies,
        "points": "millionths in every table",
        **rows,
        "receipts": [
            {"id": one.id, "received_at": one.received_at} for one in _naming(inbox, [person])
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
    *,
    who: str = audit.COMMAND_LINE,
    advance: Callable[[int, int], None] = lambda done, total: None,
) -> Forgotten:
    """Delete what is kept of ``CONNECTION/CONTACT``, and every receipt that names the person.

    In other connections too, as far as the contacts there are this person. What remains is a
    salted proof of the ids, so that nothing late is kept. ``score_waiting`` scores what waits:
    others may be in the same receipt. ``advance`` hears how much of how much is looked through, and
    may raise. Raises ``UnknownContact``. Broken off, it can be repeated; receipts go first, because
    afterwards nobody knows the addresses.
    """
    with engine.begin() as connection:
        found = _persons(connection, vault, connectors, address)
    deleted = _discard(inbox, engine, found, score_waiting, advance)[0]
    known = [(one, one.contact) for one in found if one.contact is not None]
    with engine.begin() as connection:
        own = {one for _, contact in known for one in contacts.ids_of(connection, contact)}
        locks.take(connection, own)
        for _, contact in known:
            erase(connection, contact.id, now)
        for one, _ in known:
            # Without the address: it would name the person for ever.
            audit.record(connection, who, "contact.forgotten", one.source.name, None, None, now)
    # What came meanwhile.
    more, waiting = _discard(inbox, engine, found, score_waiting, lambda *_: None)
    let_go(engine)
    others = (f"{one.source.name}/{contact.platform_id}" for one, contact in known[1:])
    return Forgotten(deleted + more, waiting, (address, *others))


def _persons(
    connection: Connection, vault: Vault, connectors: Connectors, address: str
) -> list[Person]:
    """Who is meant first, then the same person in other connections."""
    person = _named(connection, vault, connectors, address)
    if person.contact is None or not live_scorecard(connection).card.join_by_email:
        return [person]
    sources = {one.id: one for one in connections.all_connections(connection, vault)}
    others = [contacts.get(connection, one) for one in joined_with(connection, person.contact.id)]
    return [
        person,
        *(_person(connection, connectors, sources[one.connection_id], one) for one in others),
    ]


def _named(connection: Connection, vault: Vault, connectors: Connectors, address: str) -> Person:
    name, _, platform_id = address.partition("/")
    source = connections.find(connection, vault, name)
    contact = contacts.find(connection, source.id, platform_id) if source else None
    if source is None or (
        contact is None and not contacts.was_erased(connection, source.id, platform_id)
    ):
        raise UnknownContact(
            f'nothing is known of "{address}"; expected CONNECTION/CONTACT, such as crm/42, of '
            "a connection that `maturo connections` shows"
        )
    if contact is not None:
        return _person(connection, connectors, source, contact)
    connector = connectors(source.connector)
    return Person(source, connector, None, frozenset({platform_id}), frozenset())


def _person(
    connection: Connection,
    connectors: Connectors,
    source: StoredConnection,
    contact: StoredContact,
) -> Person:
    ids = contacts.ids_of(connection, contact)
    recorded = histories.read_histories(connection, [contact.id])[contact.id]
    known = frozenset(_addresses(recorded))
    return Person(source, connectors(source.connector), contact, frozenset(ids.values()), known)


def _addresses(recorded: StoredHistory) -> Iterator[bytes]:
    for fact in recorded.facts:
        if isinstance(told := fact.fields.get("email"), str) and "@" in told:
            yield told.lower().encode()


def _naming(
    inbox: Inbox, persons: Sequence[Person], advance: Callable[[int, int], None] = lambda *_: None
) -> Iterator[Receipt]:
    after = 0
    while page := inbox.read(after, _PAGE):
        after = page[-1].id
        advance(after, inbox.last_id())
        yield from (one for one in page if any(person.is_in(one) for person in persons))


def _discard(
    inbox: Inbox,
    engine: Engine,
    persons: Sequence[Person],
    score_waiting: Callable[[], None],
    advance: Callable[[int, int], None],
) -> tuple[int, int]:
    """How many receipts were deleted, and how many could not be because they still wait."""
    score_waiting()
    found = [receipt.id for receipt in _naming(inbox, persons, advance)]
    with engine.begin() as connection:
        dead_letters.drop(connection, found)
        deleted = inbox.discard(connection, found)
    return deleted, len(found) - deleted
