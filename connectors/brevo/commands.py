"""Commands to Brevo and what became of each. Contacts are named by their address.

https://developers.brevo.com/reference/update-contact, …/create-a-note, …/create-a-task.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..commands import (
    AddNote,
    AddTag,
    AddToSegment,
    Command,
    Outcome,
    RemoveFromSegment,
    RemoveTag,
    UpdateContact,
)
from ..errors import AuthFailed, ConnectorError, Missing, Refused, Transient, Unsupported
from .client import Client, contact_path
from .lists import Lists

#: Of these nobody knows whether Brevo did it all the same; 0 stands for no answer.
_DOUBTFUL = frozenset({0, 500, 502, 504})


def apply(client: Client, lists: Lists, prefix: str, commands: Sequence[Command]) -> list[Outcome]:
    """One outcome each; after a failure that concerns them all the rest are not tried."""
    outcomes: list[Outcome] = []
    down: ConnectorError | None = None
    for command in commands:
        outcome = Outcome(command, error=down) if down else _applied(client, lists, prefix, command)
        outcomes.append(outcome)
        if isinstance(outcome.error, AuthFailed | Transient):
            down = outcome.error
    return outcomes


def _applied(client: Client, lists: Lists, prefix: str, command: Command) -> Outcome:
    try:
        _do(client, lists, prefix, command)
    except (Transient, AuthFailed, Refused, Unsupported) as error:
        return Outcome(command, error=error, in_doubt=error.status in _DOUBTFUL)
    return Outcome(command, contact=command.contact)


def _do(client: Client, lists: Lists, prefix: str, command: Command) -> None:
    match command:
        case UpdateContact():
            _update(client, lists, prefix, command)
        case AddNote(kind="call"):
            _task(client, command)
        case AddNote():
            ids = [contact_id(client, command.contact)]
            client.call("POST", "/crm/notes", json={"text": marked(command), "contactIds": ids})
        case AddTag():
            _save(client, lists, command.contact, listIds=lambda: [lists.need(command.tag)])
        case RemoveTag():
            _save(client, lists, command.contact, unlinkListIds=lambda: _known(lists, command.tag))
        case AddToSegment():
            _save(client, lists, command.contact, listIds=lambda: [_number(command.segment)])
        case RemoveFromSegment():
            _save(client, lists, command.contact, unlinkListIds=lambda: [_number(command.segment)])
        case _:
            raise Unsupported(type(command).__name__)


def _update(client: Client, lists: Lists, prefix: str, command: UpdateContact) -> None:
    values = {prefix + name.upper(): value for name, value in command.values.items()}
    _save(
        client,
        lists,
        command.contact,
        attributes=lambda: values,
        listIds=lambda: [lists.need(tag) for tag in command.add_tags],
        unlinkListIds=lambda: [one for tag in command.remove_tags for one in _known(lists, tag)],
    )


def _save(client: Client, lists: Lists, contact: str, **parts: Callable[[], Any]) -> None:
    """Absolute values, so that a second time changes nothing."""
    body = {name: made for name, make in parts.items() if (made := make())}
    if not body:
        return
    try:
        client.call("PUT", contact_path(contact), json=body)
    except Refused as error:
        lists.forget()  # It may be about a list that somebody deleted.
        if error.status != 400 or not {"listIds", "unlinkListIds"} & body.keys():
            raise
        again = {name: made for name, make in parts.items() if (made := make())}
        if again == body:
            raise
        client.call("PUT", contact_path(contact), json=again)


def _known(lists: Lists, name: str) -> list[int]:
    found = lists.find(name)
    return [] if found is None else [found]


def _task(client: Client, command: AddNote) -> None:
    head, _, rest = command.text.partition("\n")
    body: dict[str, Any] = {
        "name": head[:200] or "Call",
        "taskTypeId": _call_type(client),
        "notes": f"{rest}\n{mark(command)}".strip(),
        "contactsIds": [contact_id(client, command.contact)],
    }
    if command.due is not None:
        body["date"] = command.due.isoformat().replace("+00:00", "Z")
    client.call("POST", "/crm/tasks", json=body)


def _call_type(client: Client) -> str:
    rows = client.call("GET", "/crm/tasktypes").get("items")
    types = [row for row in rows or () if isinstance(row, dict) and row.get("id")]
    named = (row for row in types if str(row.get("title", "")).casefold() == "call")
    found = next(named, types[0] if types else None)
    if found is None:
        raise Refused("Brevo names no types of tasks: is its CRM switched on?")
    return str(found["id"])


def contact_id(client: Client, contact: str) -> int:
    """The number of a contact, by which the CRM knows it. Raises as ``Client.call``."""
    found = client.call("GET", contact_path(contact)).get("id")
    if not isinstance(found, int):
        raise Missing("Brevo's answer names no contact")
    return found


def mark(command: AddNote) -> str:
    """By what a note or a task is found again."""
    return f"[{command.operation}]"


def marked(command: AddNote) -> str:
    """The text of a note with its mark."""
    return f"{command.text} {mark(command)}"


def was_done(client: Client, command: Command) -> bool | None:
    """See ``connectors.contract.Session.was_done``: whether its mark is on one of the newest."""
    if not isinstance(command, AddNote):
        return None
    number = contact_id(client, command.contact)
    if command.kind == "call":
        asked = {"filter[contacts]": str(number), "sort": "desc", "limit": 50}
        path, key = "/crm/tasks", "notes"
    else:
        asked = {"entity": "contacts", "entityIds": str(number), "sort": "desc", "limit": 50}
        path, key = "/crm/notes", "text"
    rows = client.call("GET", path, params=asked).get("items")
    if not isinstance(rows, list):
        return None
    return any(mark(command) in str(row.get(key)) for row in rows if isinstance(row, dict))


def _number(given: str) -> int:
    if not (given.isascii() and given.isdecimal()):
        raise Refused(f'list "{given[:50]}": expected its number in Brevo')
    return int(given)
