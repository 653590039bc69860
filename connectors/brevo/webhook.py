"""Brevo's deliveries as activities and changes. Pure: bytes in, a reading out.

https://developers.brevo.com/docs/marketing-webhooks, …/docs/batch-webhooks (a list of events),
…/docs/secured-webhooks (nothing is signed), and the "call a webhook" step of automations,
https://help.brevo.com/hc/en-us/articles/27685521851538.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from .. import proofs
from ..activity import BrokenItem, Item, Reading
from . import contacts, mails, steps
from .values import Unreadable

_RAW = 2_000

_EVENTS = {**mails.EVENTS, **contacts.EVENTS}


def verify(headers: Mapping[str, str], secrets: Sequence[str], settings: Mapping[str, Any]) -> None:
    """Raise ``Rejected`` unless the delivery shows a secret in the way that was chosen."""
    match settings["auth"]:
        case "bearer":
            proofs.bearer(headers, secrets)
        case "basic":
            proofs.basic(headers, secrets, user=settings["user"])
        case "header":
            proofs.token(headers, secrets, name=settings["header"])


def read_webhook(headers: Mapping[str, str], body: bytes, settings: Mapping[str, Any]) -> Reading:
    """Everything a delivery says, one event or a batch; never raises, whatever the bytes."""
    try:
        root = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return _unreadable(body, f"body: expected JSON in UTF-8, {error}")
    items: list[Item] = []
    broken: list[BrokenItem] = []
    ignored: Counter[str] = Counter()
    for index, entry in enumerate(_entries(root)):
        name = str(entry.get("event", ""))[:60] if isinstance(entry, dict) else ""
        try:
            found = _read(headers, entry, settings)
        except Unreadable as error:
            broken.append(BrokenItem(name, index, str(error), _raw(entry)))
            continue
        if found is None:
            ignored[name or "without a name"] += 1
        items += found or ()
    return Reading(tuple(items), tuple(broken), ignored)


def _entries(root: Any) -> list[Any]:
    if isinstance(root, dict) and isinstance(root.get("events"), list):
        return list(root["events"])
    return root if isinstance(root, list) else [root]


def _read(
    headers: Mapping[str, str], entry: Any, settings: Mapping[str, Any]
) -> Sequence[Item] | None:
    """The items of one event; ``None`` for an event that says nothing to us."""
    if not isinstance(entry, dict):
        raise Unreadable("expected an object with an event")
    if "workflow_id" in entry:
        return steps.read(headers, entry, settings["workflows"])
    name = entry.get("event")
    reader = _EVENTS.get(name) if isinstance(name, str) else None
    return None if reader is None else reader(entry)


def _unreadable(body: bytes, reason: str) -> Reading:
    return Reading(broken=(BrokenItem("", 0, reason, body[:_RAW].decode("utf-8", "replace")),))


def _raw(entry: Any) -> str:
    try:
        return orjson.dumps(entry).decode()
    except orjson.JSONEncodeError:
        return '"nested too deep to keep; the receipt holds the whole body"'
