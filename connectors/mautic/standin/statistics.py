"""``/api/stats``: rows of the statistics as text, what is null left out, errors with 200."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from . import php
from .catalogue import catalogue
from .kept import Mail
from .search import conditions, meets
from .state import StandIn, stored
from .tables import Row

_ORDER = re.compile(r"order\[(\d+)\]\[(col|dir)\]")
_PAGE = 100


def statistics(standin: StandIn, table: str, args: Mapping[str, str]) -> dict[str, Any]:
    """The answer for a table; for an unknown one, or none, which tables there are."""
    tables = catalogue()["tables"]
    if table not in tables:
        return {"availableTables": list(tables), "tableColumns": tables}
    wanted, orders = conditions(args), list(_orders(args))
    for clause, asked in (("WHERE", [w["col"] for w in wanted]), ("ORDER BY", dict(orders))):
        for column in asked:
            if column not in tables[table]:
                return _unknown(column, clause)
    found = [r for r in _rows(standin, table) if all(meets(r.get(w["col"]), w) for w in wanted)]
    for column, newest in reversed(orders):
        found.sort(key=lambda row: (row.get(column) is not None, row.get(column)), reverse=newest)
    start, limit = int(args.get("start", 0)), int(args.get("limit", _PAGE))
    shown = [_shown(row, tables[table]) for row in found[start : start + limit]]
    return {"total": str(len(found)), "stats": shown}


def _rows(standin: StandIn, table: str) -> list[Row]:
    kept = standin.tables.rows(table)
    match table:
        case "email_stats":
            return kept + [_mailed(standin, mail) for mail in standin.mails]
        case "campaign_leads" | "lead_lists_leads":
            return kept + list(_members(standin, table))
    return kept


def _orders(args: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    """Columns to order by, the first first, and whether downwards."""
    asked = {(int(m[1]), m[2]): value for key, value in args.items() if (m := _ORDER.match(key))}
    for (index, what), column in sorted(asked.items()):
        if what == "col":
            yield column, asked.get((index, "dir"), "asc").lower() == "desc"


def _unknown(column: str, clause: str) -> dict[str, Any]:
    said = f"SQLSTATE[42S22]: Column not found: 1054 Unknown column 'e.{column}' in '{clause}'"
    message = f"An exception occurred while executing a query: {said}"
    return {"errors": [{"message": message, "code": 1054}]}


def _shown(row: Row, columns: list[str]) -> dict[str, str]:
    return {key: _text(value) for key, value in row.items() if value is not None and key in columns}


def _text(value: Any) -> str:
    return php.serialize(value) if isinstance(value, list | Mapping) else str(value)


def _mailed(standin: StandIn, mail: Mail) -> Row:
    details = [
        {"datetime": stored(o.at), "useragent": o.agent, "inBrowser": o.in_browser}
        for o in mail.opens
    ]
    last = mail.opens[-1] if mail.opens else None
    kind, number = mail.source
    return {
        "id": mail.stat,
        "email_id": mail.email,
        "lead_id": mail.contact,
        "ip_id": standin.tables.address(last.address) if last else None,
        "email_address": mail.address,
        "date_sent": stored(mail.sent),
        "is_read": int(bool(mail.opens)),
        "is_failed": int(mail.failed),
        "viewed_in_browser": int(any(opened.in_browser for opened in mail.opens)),
        "date_read": stored(mail.opens[0].at) if mail.opens else None,
        "tracking_hash": mail.hash,
        "retry_count": 0,
        "source": kind,
        "source_id": number,
        "open_count": len(mail.opens),
        "last_opened": stored(last.at) if last else None,
        "open_details": details,
    }


def _members(standin: StandIn, table: str) -> Iterator[Row]:
    kind, column = ("campaigns", "campaign_id")
    if table == "lead_lists_leads":
        kind, column = ("segments", "leadlist_id")
    for one, since in standin.memberships.items():
        if one.kind == kind:
            by_hand = {"manually_removed": 0, "manually_added": 1}
            yield {column: one.id, "lead_id": one.contact, "date_added": stored(since), **by_hand}
