"""Whether Mautic did what we asked for before its answer was lost: the traces it left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ..commands import AddNote, Command, SendEmail
from ..errors import AuthFailed, Missing, Refused
from .actions import current_contact, marker
from .client import Client
from .edits import number

_PAGE = 200
#: How far Mautic's clock may be behind ours; a mail dated in between proves nothing.
_CLOCKS = timedelta(minutes=5)


def was_done(client: Client, command: Command, since: datetime) -> bool | None:
    """See ``connectors.contract.Session.was_done``.

    A note carries its operation, which is certain. An e-mail does not: one of the same mail, sent
    by the API to the same contact after ``since``, is taken for ours. It is ``None`` when that
    mail lies so close before that only the clocks may differ.
    """
    if not isinstance(command, AddNote | SendEmail):
        return None
    contact = current_contact(client, command.contact)["id"]
    try:
        if isinstance(command, AddNote):
            return _noted(client, contact, marker(command.operation))
        return _mailed(client, contact, number("e-mail", command.email), since)
    except (Refused, AuthFailed) as error:
        if isinstance(error, Missing) or error.status == 401:
            raise
        return None  # this Mautic, or our role, does not let us ask


def _noted(client: Client, contact: int, mark: str) -> bool | None:
    # The newest come first (source of 6 and 7), so one page reaches far beyond any lost answer.
    path = f"/api/contacts/{contact}/notes"
    notes = _rows(client.call("GET", path, params={"limit": _PAGE}), "notes")
    if notes is None:
        return None
    if any(mark in str(note.get("text")) for note in notes):
        return True
    return False if len(notes) < _PAGE else None


def _mailed(client: Client, contact: int, email: int, since: datetime) -> bool | None:
    wanted = {"lead_id": str(contact), "email_id": str(email)}
    params: dict[str, Any] = {"limit": _PAGE, "order[0][col]": "id", "order[0][dir]": "desc"}
    for index, (column, value) in enumerate(wanted.items()):
        params |= {
            f"where[{index}][col]": column,
            f"where[{index}][expr]": "eq",
            f"where[{index}][val]": value,
        }
    rows = _rows(client.call("GET", "/api/stats/email_stats", params=params), "stats")
    if rows is None or not all(str(row.get(key)) == wanted[key] for row in rows for key in wanted):
        return None
    sent = [_moment(row) for row in rows if _went_out(row)]
    if any(moment is not None and moment >= since.replace(microsecond=0) for moment in sent):
        return True
    return None if any(moment is None or moment >= since - _CLOCKS for moment in sent) else False


def _went_out(row: Mapping[str, Any]) -> bool:
    """By the API, that is: a campaign's is not ours, and a failed one was not done."""
    return row.get("source") == "api" and str(row.get("is_failed")) != "1"


def _moment(row: Mapping[str, Any]) -> datetime | None:
    """Statistics are in UTC without saying so, and leave out what is null."""
    try:
        return datetime.fromisoformat(row["date_sent"]).replace(tzinfo=UTC)
    except (KeyError, TypeError, ValueError):
        return None


def _rows(answer: Mapping[str, Any], key: str) -> list[Mapping[str, Any]] | None:
    rows = answer.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None
