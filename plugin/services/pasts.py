"""The whole past behind a score: of a contact, and of who is the same person elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from plugin.scoring.companies import with_companies
from plugin.scoring.history import History, history
from plugin.scoring.joined import joined
from plugin.scoring.scorecard import Scorecard
from plugin.storage import contacts, email_keys, histories, ledger, locks
from plugin.storage.email_keys import Shared
from plugin.storage.histories import StoredHistory


@dataclass(frozen=True, slots=True)
class Person:
    """The contacts (our ids) that are one person, and the one history of them all.

    What is to be done once for the person is done for the ``leader``.
    """

    contacts: tuple[int, ...]
    leader: int
    past: History


def pasts(
    connection: Connection,
    card: Scorecard,
    contact_ids: Sequence[int],
    known_at: datetime | None = None,
) -> dict[int, History]:
    """The past by which ``card`` scores each of these contacts, or as it was known at a moment.

    Who is the same person is always as known now.
    """
    sharing = _sharing(connection, contact_ids) if card.join_by_email else []
    everyone = {*contact_ids, *(one for found in sharing for one in found.contacts)}
    found = _timelines(connection, sorted(everyone), known_at)
    return {one: person.past for person in _persons(found, sharing) for one in person.contacts}


def settle_persons(
    connection: Connection, card: Scorecard, contact_ids: Sequence[int]
) -> list[Person]:
    """The persons behind these contacts, after noting under which address each is known now.

    Also those who are not the same person any more. Holds every contact of them.
    """
    locks.take(connection, contact_ids)
    found = _timelines(connection, contact_ids)
    moved, keys = _note_addresses(connection, found)
    while True:
        sharing = email_keys.shared(connection, keys) if card.join_by_email else {}
        others = {
            one
            for key, known in sharing.items()
            for one in (known.all if key in moved else known.contacts)
        } - found.keys()
        # Whoever was waited for may have merged or erased one of them.
        if locks.take(connection, others):
            break
    if others:
        found |= _timelines(connection, sorted(others))
    return _persons(found, sharing.values())


def marks_of(connection: Connection, card: Scorecard, contact_ids: Sequence[int]) -> dict[int, str]:
    """What stands before the ids of each contact's own activities in its past and its ledger."""
    sharing = _sharing(connection, contact_ids) if card.join_by_email else []
    marks = {one: mark for found in sharing for one, mark in _marks(found.contacts).items()}
    return {one: marks.get(one, "") for one in contact_ids}


def joined_with(connection: Connection, contact_id: int) -> list[int]:
    """The contacts of other connections that have the same address, and nobody else has it."""
    known = (one for shared in _sharing(connection, [contact_id]) for one in shared.contacts)
    return [one for one in known if one != contact_id]


def other_addresses(
    connection: Connection, card: Scorecard, contact_ids: Sequence[int]
) -> dict[int, tuple[str, ...]]:
    """``CONNECTION/CONTACT`` of the other contacts of the person behind each of these."""
    sharing = _sharing(connection, contact_ids) if card.join_by_email else []
    together = {one: shared.contacts for shared in sharing for one in shared.contacts}
    told = contacts.addresses(connection, sorted(together))
    return {
        own: tuple(told[one] for one in together.get(own, ()) if one != own) for own in contact_ids
    }


def concerned_by(connection: Connection, contact_id: int) -> list[int]:
    """The contacts to be scored anew when this one goes: its address may join them then, or not."""
    return [
        one
        for shared in _sharing(connection, [contact_id])
        for one in sorted(shared.all)
        if one != contact_id
    ]


def _sharing(connection: Connection, contact_ids: Collection[int]) -> list[Shared]:
    keys = set(email_keys.keys_of(connection, contact_ids).values())
    return list(email_keys.shared(connection, keys).values()) if keys else []


def _timelines(
    connection: Connection, contact_ids: Sequence[int], known_at: datetime | None = None
) -> dict[int, History]:
    recorded = histories.read_histories(connection, contact_ids, known_at)
    return {one: _timeline(recorded[one]) for one in contact_ids}


def _timeline(stored: StoredHistory) -> History:
    """The recorded history in its one order, the company's fields being part of the profile."""
    return history(stored.activities, with_companies(stored.facts, stored.companies))


def _note_addresses(
    connection: Connection, found: Mapping[int, History]
) -> tuple[set[bytes], set[bytes]]:
    """Answers which keys came or went by it, and all keys of these contacts beside them."""
    before = email_keys.keys_of(connection, found)
    after = {one: _address(past) for one, past in found.items()}
    changed = {one: key for one, key in after.items() if key != before.get(one)}
    moved = {key for one, key in changed.items() if key} | {
        before[one] for one in changed if one in before
    }
    if changed:
        email_keys.hold(connection, moved)
        were = email_keys.shared(connection, moved)
        email_keys.change(connection, changed)
        are = email_keys.shared(connection, moved)
        _part(connection, were, are)
    return moved, moved | {key for key in after.values() if key}


def _part(
    connection: Connection, were: Mapping[bytes, Shared], are: Mapping[bytes, Shared]
) -> None:
    """Leave nothing in anybody's ledger of who turned out to be somebody else."""
    for key, shared in were.items():
        if key not in are or not set(shared.contacts) <= set(are[key].contacts):
            ledger.forget(connection, shared.contacts)


def _address(past: History) -> bytes | None:
    return email_keys.key_of(past.profile[-1].fields.get("email")) if past.profile else None


def _persons(found: Mapping[int, History], sharing: Iterable[Shared]) -> list[Person]:
    groups = [one for one in sharing if one.leader is not None]
    alone = found.keys() - {one for group in groups for one in group.contacts}
    persons = [
        Person(group.contacts, group.leader or group.contacts[0], _together(group.contacts, found))
        for group in groups
    ]
    return persons + [Person((one,), one, found[one]) for one in sorted(alone)]


def _together(contacts: Sequence[int], found: Mapping[int, History]) -> History:
    return joined({mark: found[one] for one, mark in _marks(contacts).items()})


def _marks(contacts: Sequence[int]) -> dict[int, str]:
    """The first platform's activities keep their ids: it is the only one of most contacts."""
    return {one: f"{place}/" if place > 1 else "" for place, one in enumerate(contacts, 1)}
