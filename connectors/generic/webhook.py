"""Deliveries of any tool: who sent them, and what they say by the connection's mapping. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonpath
import orjson

from .. import proofs
from ..activity import Activity, BrokenItem, Item, ProfileChange, Reading, Removal, Subject
from .mapping import LONGEST, Meaning, Place, Reader, reader
from .samples import mapping_of

_RAW = 2_000
_RECEIVED = "received"
#: Beyond this a number counts milliseconds: as seconds it would be the year 5138.
_SECONDS = 100_000_000_000


def verify(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[str],
    settings: Mapping[str, Any],
    now: datetime,
) -> None:
    """Raise ``Rejected`` unless a secret vouches for these bytes, in the way that was chosen."""
    match settings["auth"]:
        case "standard":
            tolerance = timedelta(seconds=settings["tolerance"])
            proofs.standard(headers, body, secrets, tolerance, now)
        case "hmac":
            proofs.keyed(
                headers,
                body,
                secrets,
                name=settings["header"],
                algorithm=settings["algorithm"],
                encoding=settings["encoding"],
                prefix=settings["prefix"],
            )
        case "bearer":
            proofs.bearer(headers, secrets)
        case "basic":
            proofs.basic(headers, secrets, user=settings["user"])
        case "header":
            proofs.token(headers, secrets, name=settings["header"])


def read_webhook(headers: Mapping[str, str], body: bytes, settings: Mapping[str, Any]) -> Reading:
    """Everything a delivery says by the mapping; never raises, whatever the bytes."""
    by = reader(settings.get("mapping") or mapping_of(settings["tool"]))
    try:
        found = by.found(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        return _unreadable(body, f"body: expected JSON in UTF-8, {error}")
    except (jsonpath.JSONPathError, RecursionError) as error:
        return _unreadable(body, f"body: {by.items} cannot be followed, {type(error).__name__}")
    items: list[Item] = []
    broken: list[BrokenItem] = []
    ignored: dict[str, int] = {}
    for index, item in enumerate(found):
        event = "*"
        try:
            event = _text(by.event.find(item), f"event at {by.event}")
            meaning = by.meaning(event)
            if meaning is None:
                ignored[event] = ignored.get(event, 0) + 1
                continue
            items += _read(by, meaning, item, _Delivery(headers, body, index))
        except (_Unfit, jsonpath.JSONPathError, RecursionError) as error:
            reason = str(error) if isinstance(error, _Unfit) else type(error).__name__
            broken.append(BrokenItem(event, index, reason, _raw(item)))
    return Reading(tuple(items), tuple(broken), ignored)


class _Unfit(ValueError):
    """A value that is not there, or not what it should be; the message says which and where."""


class _Delivery:
    """What tells one delivery from another when the event itself does not."""

    def __init__(self, headers: Mapping[str, str], body: bytes, index: int) -> None:
        self._headers, self._body, self._index = headers, body, index

    def id(self) -> str:
        name = proofs.header(self._headers, "webhook-id") or hashlib.sha256(self._body).hexdigest()
        return f"{name[:200]}:{self._index}"

    def at(self, by: Reader, said: Any) -> datetime:
        if said is not None and said != _RECEIVED:
            return _moment(said, f"moment at {by.at}")
        name = "Received-At" if said == _RECEIVED else "Webhook-Timestamp"
        sent = proofs.header(self._headers, name)
        if not sent:
            where = f"at {by.at}" if by.at else "in the mapping, which has no place `at`"
            raise _Unfit(f"no moment {where}: Maturo must know when it happened")
        return _moment(sent, name)


def _read(by: Reader, meaning: Meaning, item: Any, delivery: _Delivery) -> Iterator[Item]:
    contact = _text(by.contact.find(item), f"contact at {by.contact}")
    said = by.at.find(item) if by.at else None
    at = delivery.at(by, said)
    own = by.id.find(item) if by.id else None
    id = delivery.id() if own is None else _text(own, f"id at {by.id}")
    if meaning.removal:
        yield Removal(contact, at)
        return
    if meaning.activity:
        subject = _subject(meaning, item)
        attributes = {name: _value(place, item, name) for name, place in meaning.attributes.items()}
        told = {name: value for name, value in attributes.items() if value is not None}
        yield Activity(id, contact, meaning.activity, at, subject, told)
    profile = {name: _value(place, item, name) for name, place in by.profile.items()}
    known = {name: value for name, value in profile.items() if value is not None}
    if known:
        yield ProfileChange(contact, at, id, known)


def _subject(meaning: Meaning, item: Any) -> Subject:
    found = {name: place.find(item) for name, place in meaning.subject.items()}
    texts = {name: _text(value, name) for name, value in found.items() if value is not None}
    return Subject(**{"type": "event", **texts})


def _text(value: Any, what: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _Unfit(f"no {what}" if value is None else f"{what}: expected text or a number")
    text = (value if isinstance(value, str) else f"{value:.15g}").replace("\x00", "").strip()
    if not text:
        raise _Unfit(f"no {what}")
    return text[:LONGEST]


def _value(place: Place, item: Any, what: str) -> Any:
    """A plain value, or a list of plain ones; nothing nested, nothing that is no number."""
    value = place.find(item)
    several = value if isinstance(value, list) else [value]
    if not all(one is None or isinstance(one, str | bool | int | float) for one in several):
        raise _Unfit(f"{what} at {place}: expected text, a number, true, false or a list of them")
    plain = [one.replace("\x00", "")[:LONGEST] if isinstance(one, str) else one for one in several]
    return plain if isinstance(value, list) else plain[0]


def _moment(value: Any, what: str) -> datetime:
    try:
        if isinstance(value, bool):
            raise ValueError
        if isinstance(value, int | float) or str(value).replace(".", "", 1).isdecimal():
            number = float(value)
            number = number / 1_000 if number >= _SECONDS else number
            return datetime.fromtimestamp(number, UTC)
        found = datetime.fromisoformat(str(value).strip())
        # Without an offset it is taken for UTC, and said so in the documentation.
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        raise _Unfit(
            f"{what}: expected a moment such as 2026-03-02T09:00:00Z, or seconds since 1970"
        ) from None


def _raw(item: Any) -> str:
    try:
        return orjson.dumps(item).decode()
    except orjson.JSONEncodeError:  # nested deeper than orjson writes, 254 levels
        return '"nested too deep to keep; the receipt holds the whole body"'


def _unreadable(body: bytes, reason: str) -> Reading:
    raw = body[: 4 * _RAW].decode("utf-8", "replace")[:_RAW]
    return Reading(broken=(BrokenItem("", 0, reason, raw),))
