"""Play recorded deliveries: the stand-in learns what each tells, then it is posted as recorded."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from .author import Author
from .fields import Field
from .posting import delivery_headers
from .state import OWN_COLUMNS, Contact, StandIn

Post = Callable[[bytes, Mapping[str, str]], int]


class Recorded(Protocol):
    """A recorded delivery: the signed bytes, and the signature that came with them."""

    @property
    def body(self) -> bytes:
        """The very bytes that were signed."""
        ...

    @property
    def signature(self) -> str:
        """The value of ``Webhook-Signature``."""
        ...


def play(
    standin: StandIn,
    deliveries: Iterable[Recorded],
    post: Post,
    *,
    merged: Mapping[str, str] | None = None,
) -> list[int]:
    """Post the deliveries in order and give the statuses answered.

    Before each, the contacts in it are kept, so that our API holds what that platform held.
    ``merged`` tells which deleted ids were merged, and into which: no webhook does. Fields
    and tags that were written through our API stay; a tag that the recording removes stays too.
    """
    winners = {int(old): int(new) for old, new in (merged or {}).items()}
    return [_play(standin, delivery, post, winners) for delivery in deliveries]


def _play(standin: StandIn, delivery: Recorded, post: Post, merged: Mapping[int, int]) -> int:
    with standin.lock:
        for key, items in json.loads(delivery.body).items():
            for item in items:
                _learn(standin, key.removeprefix("mautic."), item, merged)
    return post(delivery.body, delivery_headers(standin, delivery.signature))


def _learn(standin: StandIn, key: str, item: dict[str, Any], merged: Mapping[int, int]) -> None:
    if key == "lead_post_delete":
        _drop(standin, item["id"], merged)
        return
    shown = _contact_in(item)
    if shown is None:
        return
    known = int(shown["id"]) in standin.contacts
    contact = standin.find(int(shown["id"])) or standin.create(contact_id=int(shown["id"]))
    if "isPublished" in shown:
        _keep_state(standin, contact, shown)
    for alias, value in _values(standin, shown).items():
        # after a merge snapshots are half-stale: an empty value in one proves nothing
        if value is not None:
            contact.values[alias] = value
    if "hit" in item:
        contact.last_active = item["hit"]["dateHit"]
    if key == "lead_points_change":
        contact.points = item["points"]["new_points"]
    elif not known:
        contact.points = shown.get("points") or 0


def _drop(standin: StandIn, gone: int, merged: Mapping[int, int]) -> None:
    loser, winner = standin.contacts.get(gone), merged.get(gone)
    if winner is None or loser is None:
        standin.remove(gone)
        return
    kept = standin.find(winner) or standin.create(contact_id=winner)
    kept.values = {**loser.values, **kept.values}
    kept.tags += [tag for tag in loser.tags if tag not in kept.tags]
    standin.merge(gone, kept)


def _contact_in(item: dict[str, Any]) -> dict[str, Any] | None:
    for holder in ("hit", "stat", "submission"):
        if holder in item:
            lead: dict[str, Any] | None = item[holder]["lead"]
            return lead
    contact: dict[str, Any] | None = item.get("contact")
    return contact


def _keep_state(standin: StandIn, contact: Contact, shown: dict[str, Any]) -> None:
    contact.added = shown["dateAdded"] or contact.added
    contact.modified = shown["dateModified"]
    contact.created_by = _author(shown["createdBy"], shown["createdByUser"])
    contact.modified_by = _author(shown["modifiedBy"], shown["modifiedByUser"])
    contact.identified = shown["dateIdentified"] or contact.identified
    contact.last_active = shown["lastActive"] or contact.last_active
    contact.picture = shown["preferredProfileImage"]
    contact.owner = shown["owner"]
    contact.stage = shown["stage"]
    contact.do_not_contact = shown["doNotContact"]
    for tag in (item["tag"] for item in shown["tags"]):
        standin.tags.setdefault(tag, len(standin.tags) + 1)
        if tag not in contact.tags:
            contact.tags.append(tag)


def _author(number: int | None, name: str | None) -> Author | None:
    return None if name is None else Author(number, name)


def _values(standin: StandIn, shown: dict[str, Any]) -> dict[str, Any]:
    """Field values of a contact in any of its shapes; fields not met before are added."""
    if "fields" not in shown:
        known = {field.alias for field in standin.fields} - OWN_COLUMNS
        return {alias: value for alias, value in shown.items() if alias in known}
    entries = [e for group in shown["fields"].values() if group for e in group.values()]
    for entry in entries:
        if standin.field(entry["alias"]) is None:
            standin.add_field(_definition(standin, entry))
    return {e["alias"]: e["value"] for e in entries if e["alias"] not in OWN_COLUMNS}


def _definition(standin: StandIn, entry: dict[str, Any]) -> Field:
    """A field as far as a webhook tells; its choices are not learned."""
    taken = {known.id for known in standin.fields}
    number = int(entry["id"])
    return Field(
        id=standin.next_field_id() if number in taken else number,
        alias=entry["alias"],
        label=entry["label"],
        type=entry["type"],
        group=entry["group"],
    )
