"""Actions at Mautic: each is one call, for the contact as Mautic holds it just before.

That look finds the winner of a merge (adding a merged contact to a segment answers 500), tells a
lost contact from a lost campaign, and sees who has unsubscribed: Mautic 5.0 to 6.0.3 send an
e-mail by the API to them too (recorded on 6.0.3).
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC
from typing import Any

from ..commands import (
    Action,
    AddNote,
    AddTag,
    AddToCampaign,
    AddToSegment,
    AssignOwner,
    Outcome,
    RemoveFromCampaign,
    RemoveFromSegment,
    RemoveTag,
    SendEmail,
    SetStage,
)
from ..errors import AuthFailed, ConnectorError, Missing, Refused, Transient, Unsupported
from .answers import entries
from .client import Client
from .edits import checked_tag, contact_number, number
from .writeback import contact_in

_CHANNEL = "email"
_REASONS = {1: "has unsubscribed", 2: "has an address that bounces", 3: "must not be written to"}
#: Statuses by which Mautic, or a proxy before it, says that it did not even begin.
_NOT_BEGUN = frozenset({408, 425, 429})


def perform(client: Client, actions: Iterable[Action]) -> list[Outcome]:
    """One outcome for each action, in order; never raises, because what was done must be told.

    When Mautic cannot do one now, or takes no request of ours, the others are not sent.
    """
    outcomes: list[Outcome] = []
    down: ConnectorError | None = None
    for action in actions:
        outcome = Outcome(action, error=down) if down else _performed(client, action)
        if isinstance(outcome.error, Transient | AuthFailed):
            down = outcome.error
        outcomes.append(outcome)
    return outcomes


def current_contact(client: Client, contact: str) -> dict[str, Any]:
    """The contact as it is now, under its winner's id after a merge. Raises ``Missing``."""
    path = f"/api/contacts/{contact_number(contact)}"
    return contact_in(client.call("GET", path), path)


def marker(operation: str) -> str:
    """What a note of ours ends with, so that it can be found again."""
    return f"[maturo:{operation}]"


def _performed(client: Client, action: Action) -> Outcome:
    try:
        act = _ACTS.get(type(action))
        if act is None:
            raise Unsupported(type(action).__name__)
        contact = current_contact(client, action.contact)
    except ConnectorError as error:
        return Outcome(action, error=error)
    try:
        act(client, contact, action)
    except ConnectorError as error:
        doubt = isinstance(error, Transient) and error.status not in _NOT_BEGUN
        return Outcome(action, error=_about_the_object(error), in_doubt=doubt)
    return Outcome(action, contact=str(contact["id"]))


def _about_the_object(error: ConnectorError) -> ConnectorError:
    """The contact was there and we were let in: what is lacking belongs to this action alone."""
    if isinstance(error, Missing):
        return Refused(f"{error}; choose another one in the scorecard", status=error.status)
    if isinstance(error, AuthFailed) and error.status == 403:
        return Refused(str(error), status=error.status)
    return error


def _send_email(client: Client, contact: Mapping[str, Any], action: SendEmail) -> None:
    email = number("e-mail", action.email)
    _check_contactable(contact)
    answer = client.call("POST", f"/api/emails/{email}/contact/{contact['id']}/send", json={})
    # Its reason may quote the address of the contact.
    if not answer.get("success"):
        raise Refused(f"Mautic did not send the e-mail {email}; its log says why")


def _check_contactable(contact: Mapping[str, Any]) -> None:
    entries = contact.get("doNotContact")
    # A list until Mautic leaves a gap in it, then an object by index.
    entries = list(entries.values()) if isinstance(entries, dict) else entries
    if not isinstance(entries, list):
        raise Refused("Mautic does not tell whether the contact may be written to")
    for entry in entries:
        if entry.get("channel") == _CHANNEL:
            raise Refused(f"the contact {_REASONS.get(entry.get('reason'), _REASONS[3])}")


def _membership(kind: str, verb: str) -> Callable[[Client, Mapping[str, Any], Any], None]:
    """A call that adds to a campaign, stage or segment, or removes from it."""

    def act(client: Client, contact: Mapping[str, Any], action: Any) -> None:
        target = number(kind, getattr(action, kind))
        answer = client.call("POST", f"/api/{kind}s/{target}/contact/{contact['id']}/{verb}")
        if not answer.get("success"):
            raise Refused(f"Mautic did not {verb} the contact: {kind} {target}")

    return act


def _add_note(client: Client, contact: Mapping[str, Any], action: AddNote) -> None:
    # Mautic keeps HTML in notes (recorded): ours is text, and may quote what a visitor wrote.
    text = html.escape(action.text, quote=False).replace("\n", "<br>")
    note = {
        "lead": contact["id"],
        "text": f"{text} {marker(action.operation)}",
        "type": action.kind,
    }
    if action.due is not None:
        note["dateTime"] = action.due.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    client.call("POST", "/api/notes/new", json=note)


def _add_tag(client: Client, contact: Mapping[str, Any], action: AddTag) -> None:
    if action.tag not in _tagged(client, contact, checked_tag(action.tag)):
        raise Refused(f'Mautic did not take the tag "{action.tag}"; its log says why')


def _remove_tag(client: Client, contact: Mapping[str, Any], action: RemoveTag) -> None:
    if action.tag in _tagged(client, contact, f"-{checked_tag(action.tag)}"):
        raise Refused(f'Mautic kept the tag "{action.tag}"; its log says why')


def _tagged(client: Client, contact: Mapping[str, Any], tag: str) -> list[str]:
    """The tags that the contact wears after this change."""
    path = f"/api/contacts/{contact['id']}/edit"
    held = contact_in(client.call("PATCH", path, json={"tags": [tag]}), path).get("tags")
    return [str(one.get("tag")) for one in entries(held)]


def _assign_owner(client: Client, contact: Mapping[str, Any], action: AssignOwner) -> None:
    owner = number("user", action.owner)
    path = f"/api/contacts/{contact['id']}/edit"
    held = contact_in(client.call("PATCH", path, json={"owner": owner}), path).get("owner")
    if not isinstance(held, dict) or held.get("id") != owner:
        raise Refused(f"Mautic did not take user {owner} for owner; choose one of its users")


_ACTS: Mapping[type[Any], Callable[[Client, Mapping[str, Any], Any], None]] = {
    SendEmail: _send_email,
    AddToCampaign: _membership("campaign", "add"),
    RemoveFromCampaign: _membership("campaign", "remove"),
    SetStage: _membership("stage", "add"),
    AddToSegment: _membership("segment", "add"),
    RemoveFromSegment: _membership("segment", "remove"),
    AddTag: _add_tag,
    RemoveTag: _remove_tag,
    AddNote: _add_note,
    AssignOwner: _assign_owner,
}
