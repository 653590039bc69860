"""What became of contacts: https://developers.brevo.com/docs/marketing-webhooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..activity import Activity, Item, ProfileChange, Removal, Subject
from .values import address, addresses, fields, moment, text

_Entry = Mapping[str, Any]


def _updated(entry: _Entry) -> Sequence[Item]:
    """``content`` is a list of objects, or one. ``api_key_name`` says whose key changed it."""
    at, contact = moment(entry, "ts_event", "ts"), address(entry)
    content = entry.get("content")
    told: dict[str, Any] = {}
    for part in content if isinstance(content, list) else [content]:
        told |= fields(part)
    told = {"email": contact} | told
    author = text(entry.get("api_key_name"))
    return (ProfileChange(contact, at, f"updated:{text(entry.get('key'))}", told, author),)


def _added(entry: _Entry) -> Sequence[Item]:
    at, contact = moment(entry, "ts_event", "ts"), address(entry)
    known = ProfileChange(contact, at, f"added:{text(entry.get('key'))}", {"email": contact})
    # Whoever is put on a list is known from then on; the first time tells when.
    made = Activity(f"known:{contact}", contact, "contact_identified", at, Subject("contact"))
    return made, known


def _deleted(entry: _Entry) -> Sequence[Item]:
    at = moment(entry, "ts_event", "ts")
    return [Removal(contact, at) for contact in addresses(entry)]


EVENTS: Mapping[str, Callable[[_Entry], Sequence[Item]]] = {
    "contact_updated": _updated,
    "contact_deleted": _deleted,
    "list_addition": _added,
}
