"""Mautic's contact and company events as profile and company changes.

Mautic saves a snapshot with each event and dates it to the second, and a batch loses the order
between event types. So two snapshots of one second are told apart by what they are: light ones
(a visit's or mail's passing view of the contact) below a person's answers, below a first save,
below any later save; then by the later activity, then by how much is filled, then by content, which
makes the choice the same whatever the order of arrival.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from enum import IntEnum
from hashlib import blake2b
from typing import Any

import orjson

from ..activity import (
    Activity,
    CompanyChange,
    Item,
    Origin,
    ProfileChange,
    Removal,
    Subject,
)

#: Mautic's own bookkeeping: our score must not feed on its points, nor change by being looked at.
_BOOKKEEPING = frozenset({"points", "last_active"})
_LOST = frozenset({"unsubscribed", "bounced"})
_EMPTY: tuple[Any, ...] = (None, "", [])


class Rank(IntEnum):
    """How much a snapshot is worth against another of the same second."""

    PASSING = 0
    ANSWERS = 1
    FIRST_SAVE = 2
    SAVE = 3
    REMOVAL = 4


def light_change(
    contact: str, at: datetime, profile: Mapping[str, Any], rank: Rank = Rank.PASSING
) -> Iterator[ProfileChange]:
    """What a passing view adds: only filled fields, nothing when there is none."""
    known = {
        alias: value
        for alias, value in profile.items()
        if alias not in _BOOKKEEPING and value not in _EMPTY
    }
    if known:
        order = _order(rank, known, profile.get("last_active"))
        yield ProfileChange(contact, at, order, known)


def contact_identified(item: Mapping[str, Any]) -> Iterator[Item]:
    """A contact became known."""
    contact, at = item["contact"], item["timestamp"]
    yield _identified(contact["id"], contact.get("date_identified") or at)
    yield _full_change(contact, at, Rank.FIRST_SAVE)


def seen_contact(
    contact: Mapping[str, Any], link: Mapping[str, str | None], at: datetime
) -> Iterator[Item]:
    """A contact as the API shows it: since when it is known, and all that is known of it.

    ``link`` has its ``company_id``, ``None`` without a company; it is empty if nobody told.
    It loses against a save of the same second, which it may have been too early to see.
    """
    if contact.get("date_identified"):
        yield _identified(contact["id"], contact["date_identified"])
    shown = _full_change(contact, at, Rank.PASSING)
    fields = {**shown.fields, **link}
    yield replace(shown, fields=fields, author=None, origin=Origin.POLL)


def _identified(contact: str, at: datetime) -> Activity:
    subject = Subject("contact", contact)
    return Activity(f"identified:{contact}", contact, "contact_identified", at, subject)


def contact_saved(item: Mapping[str, Any]) -> Iterator[Item]:
    """A contact changed."""
    yield _full_change(item["contact"], item["timestamp"], Rank.SAVE)


def subscription_changed(item: Mapping[str, Any]) -> Iterator[Item]:
    """A contact's permission for a channel changed; leaving e-mail is also an activity."""
    contact, at, channel = item["contact"]["id"], item["timestamp"], item["channel"]
    if channel == "email" and item["status"] in _LOST:
        yield Activity(
            id=f"dnc:{contact}/{channel}/{at.isoformat()}",
            contact=contact,
            kind=item["status"],
            occurred_at=at,
            subject=Subject("channel", channel),
        )
    yield from contact_saved(item)


def contact_removed(item: Mapping[str, Any]) -> Iterator[Item]:
    """A contact id is gone, deleted or merged."""
    yield Removal(item["id"], item["timestamp"])


def company_linked(item: Mapping[str, Any]) -> Iterator[Item]:
    """A contact joined or left a company. When it left, nothing is learned about the company."""
    contact, company, at = item["contact"]["id"], item["company"], item["timestamp"]
    link = {"company_id": company["id"] if item["added"] else None}
    if item["added"] and company.get("name"):
        link["company"] = company["name"]
    yield ProfileChange(contact, at, _order(Rank.PASSING, link, None), link)
    if item["added"]:
        yield _company_change(company, at, Rank.PASSING)


def company_saved(item: Mapping[str, Any]) -> Iterator[Item]:
    """A company changed."""
    yield _company_change(item["company"], item["timestamp"], Rank.SAVE)


def seen_company(company: Mapping[str, Any], at: datetime) -> CompanyChange:
    """A company as the API shows it."""
    return replace(_company_change(company, at, Rank.PASSING), origin=Origin.POLL)


def company_removed(item: Mapping[str, Any]) -> Iterator[Item]:
    """A company is gone: every field it had is cleared; no link to a contact is touched."""
    fields = dict.fromkeys(_company_fields(item["company"]))
    at = item["timestamp"]
    yield CompanyChange(item["id"], at, _order(Rank.REMOVAL, fields, None), fields)


def _full_change(contact: Mapping[str, Any], at: datetime, rank: Rank) -> ProfileChange:
    profile = contact["profile"]
    fields = {alias: value for alias, value in profile.items() if alias not in _BOOKKEEPING}
    fields |= _standing(contact)
    # The attribute is newer than the field of the same name, which one save still lags behind.
    active = contact.get("last_active") or profile.get("last_active")
    order = _order(rank, fields, active)
    return ProfileChange(contact["id"], at, order, fields, contact.get("author"))


def _standing(contact: Mapping[str, Any]) -> dict[str, Any]:
    known = {key: contact[key] for key in ("tags", "do_not_contact", "stage") if key in contact}
    if "owner" in contact:
        known["owner"] = (contact["owner"] or {}).get("id")
    if "date_identified" in contact:
        identified = contact["date_identified"]
        known["date_identified"] = identified and identified.isoformat()
    return known


def _company_change(company: Mapping[str, Any], at: datetime, rank: Rank) -> CompanyChange:
    fields = _company_fields(company)
    return CompanyChange(company["id"], at, _order(rank, fields, None), fields)


def _company_fields(company: Mapping[str, Any]) -> dict[str, Any]:
    named = {"name": company["name"]} if "name" in company else {}
    profile = company["profile"]
    return named | {alias.removeprefix("company") or alias: profile[alias] for alias in profile}


def _order(rank: Rank, fields: Mapping[str, Any], last_active: Any) -> str:
    active = str(last_active or "").replace("T", " ")[:19]
    filled = sum(value not in _EMPTY for value in fields.values())
    content = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)
    return f"{rank:d}|{active:19}|{filled:05}|{blake2b(content, digest_size=8).hexdigest()}"
