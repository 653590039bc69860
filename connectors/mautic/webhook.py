"""Mautic's signed deliveries as activities and changes. Pure: bytes in, a reading out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson
from marshmallow import ValidationError

from .. import signature
from ..activity import BrokenItem, Item, Reading
from ..errors import Rejected
from . import activities, profiles, schemas

_HEADER = "webhook-signature"
_RAW_LENGTH = 2_000

_Reader = Callable[[Mapping[str, Any]], Iterator[Item]]

#: Not here, so counted only: `sms_on_send` (fires before the transport, also when it then fails),
#: `lead_points_change` (the contact in it is the old one), `lead_list_change`, and unknown ones.
_EVENTS: Mapping[str, tuple[schemas.Lean, _Reader]] = {
    "form_on_submit": (schemas.FormSubmitted(), activities.form_submitted),
    "page_on_hit": (schemas.PageHit(), activities.page_hit),
    "email_on_open": (schemas.EmailOpened(), activities.email_opened),
    "email_on_send": (schemas.EmailSent(), activities.email_sent),
    "lead_post_save_new": (schemas.ContactSaved(), profiles.contact_identified),
    "lead_post_save_update": (schemas.ContactSaved(), profiles.contact_saved),
    "lead_channel_subscription_changed": (
        schemas.SubscriptionChanged(),
        profiles.subscription_changed,
    ),
    "lead_post_delete": (schemas.ContactRemoved(), profiles.contact_removed),
    "lead_company_change": (schemas.CompanyLinked(), profiles.company_linked),
    "company_post_save": (schemas.CompanySaved(), profiles.company_saved),
    "company_post_delete": (schemas.CompanyRemoved(), profiles.company_removed),
}


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """Raise ``Rejected`` unless one of the secrets signed these very bytes."""
    given = [value for name, value in headers.items() if name.lower() == _HEADER]
    if not given:
        raise Rejected("no Webhook-Signature header: set a secret in the Mautic webhook")
    if not signature.is_signed(body, given[0], secrets):
        raise Rejected(
            "Webhook-Signature does not match: the secret in Mautic must equal the connection's"
        )


def read_webhook(body: bytes) -> Reading:
    """Everything a delivery says; never raises, whatever the bytes.

    Each item stands alone: one that cannot be read becomes a ``BrokenItem`` beside the others.
    """
    try:
        root = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return _unreadable(body, f"body: expected JSON in UTF-8, {error}")
    if not isinstance(root, dict):
        return _unreadable(body, "body: expected an object of event types")
    if "timestamp" in root:  # the "send test payload" button: invented contacts, dated at the root
        return Reading(test=True)
    return _read_events(root)


def _read_events(root: Mapping[str, Any]) -> Reading:
    items: list[Item] = []
    broken: list[BrokenItem] = []
    ignored: dict[str, int] = {}
    for key, value in root.items():
        event = key.removeprefix("mautic.")
        entries = value if isinstance(value, list) else [value]
        if event not in _EVENTS:
            ignored[event] = ignored.get(event, 0) + len(entries)
            continue
        for index, entry in enumerate(entries):
            found = _read_item(event, index, entry)
            if isinstance(found, BrokenItem):
                broken.append(found)
            else:
                items.extend(found)
    return Reading(tuple(items), tuple(broken), ignored)


def _read_item(event: str, index: int, entry: Any) -> tuple[Item, ...] | BrokenItem:
    schema, reader = _EVENTS[event]
    try:
        return tuple(reader(schema.load(entry)))
    except ValidationError as error:
        return BrokenItem(event, index, schemas.reason(error), raw(entry))


def raw(entry: Any) -> str:
    """An item as text, to be kept with what was wrong with it."""
    try:
        return orjson.dumps(entry).decode()
    except orjson.JSONEncodeError:  # nested deeper than orjson writes, 254 levels
        return '"nested too deep to keep; the receipt holds the whole body"'


def _unreadable(body: bytes, reason: str) -> Reading:
    raw = body[: 4 * _RAW_LENGTH].decode("utf-8", "replace")[:_RAW_LENGTH]
    return Reading(broken=(BrokenItem("", 0, reason, raw),))
