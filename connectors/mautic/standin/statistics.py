"""Rows of the statistics: those of sent e-mails, as the database writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import php
from .kept import Mail
from .search import conditions, meets
from .state import StandIn, stored

_AGENT = "Mozilla/5.0 (X11; Linux x86_64)"


def email_stats(standin: StandIn, args: Mapping[str, str]) -> tuple[int, list[dict[str, str]]]:
    """How many rows meet the conditions, and those of the page; what is null is left out."""
    found = [row for mail in standin.mails if _meets(row := _row(standin, mail), args)]
    newest = args.get("order[0][dir]", "asc").lower() == "desc"
    start, limit = int(args.get("start", 0)), int(args.get("limit", 100))
    return len(found), (found[::-1] if newest else found)[start : start + limit]


def _meets(row: Mapping[str, str], args: Mapping[str, str]) -> bool:
    return all(meets(row.get(one["col"]), one) for one in conditions(args))


def _row(standin: StandIn, mail: Mail) -> dict[str, str]:
    contact = standin.contacts.get(mail.contact)
    times = [stored(moment) or "" for moment in mail.opens]
    opened = {"ip_id": "1", "date_read": times[0], "last_opened": times[-1]} if times else {}
    details: list[Any] = [
        {"datetime": time, "useragent": _AGENT, "inBrowser": False} for time in times
    ]
    return {
        "id": str(mail.stat),
        "email_id": str(mail.email),
        "lead_id": str(mail.contact),
        "email_address": str(contact.values.get("email")) if contact else "",
        "date_sent": stored(mail.sent) or "",
        "is_read": str(int(bool(times))),
        "is_failed": "0",
        "viewed_in_browser": "0",
        "tracking_hash": mail.hash,
        "retry_count": "0",
        "source": "api",
        "source_id": "0",
        "open_count": str(len(times)),
        "open_details": php.serialize(details),
        **opened,
    }
