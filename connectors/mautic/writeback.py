"""Edits to Mautic and what became of each.

Only PATCH: a PUT resets whatever it does not name. Only our own fields and tags: an edit that
names an e-mail merges the contacts that match it. All values are absolute, so everything here may
be repeated after a lost answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from ..commands import Outcome, UpdateContact
from ..errors import AuthFailed, ConnectorError, Refused, Transient
from .client import Client
from .edits import Edit, chunks, edit_of
from .versions import quirks

#: Answers that one contact alone may be the cause of: Mautic says "error #500" for anything it did
#: not foresee, and a proxy gives up on what takes too long.
_CRASHES = frozenset({500, 502, 504})
#: So many contacts in a row are no coincidence.
_CRASHES_OF_MAUTIC = 3
_NO_RIGHT = "the role of our API user may not edit"
_LET = "let it edit contacts of others in Mautic: Settings, Roles"


def apply(client: Client, prefix: str, commands: Sequence[UpdateContact]) -> list[Outcome]:
    """One outcome for each command, in order; a failing one never costs the others.

    Raises ``AuthFailed`` when Mautic takes no request of ours; what was written before stays.
    """
    outcomes: dict[int, Outcome] = {}
    edits: list[Edit] = []
    for position, command in enumerate(commands):
        try:
            edits.append(edit_of(position, command, prefix))
        except Refused as refusal:
            outcomes[position] = Outcome(command, error=refusal)
    if len(edits) > 1 and _batches_are_safe(client):
        for chunk in chunks(edits):
            outcomes |= _write(client, chunk)
    else:
        outcomes |= _one_by_one(client, edits)
    return [outcomes[position] for position in range(len(commands))]


def _batches_are_safe(client: Client) -> bool:
    """Whether this version keeps the items of a batch apart; asks for it once."""
    if client.version is None:
        # A page with contacts of nobody is the cheapest answer that carries the version.
        with suppress(Refused):
            client.call("GET", "/api/contacts", params={"limit": 1, "minimal": 1})
    return quirks(client.version).batches


def _write(client: Client, chunk: list[Edit]) -> dict[int, Outcome]:
    return _together(client, chunk) if len(chunk) > 1 else _one_by_one(client, chunk)


def _together(client: Client, chunk: list[Edit]) -> dict[int, Outcome]:
    """As one batch; what fails in it is tried alone, once.

    That finds the winner of a merge (a batch answers 404 for the loser's id, a single edit acts
    on the winner), gives each refusal its own reason, and keeps one contact on which Mautic
    crashes from holding up the others.
    """
    try:
        items = [{"id": edit.contact, **edit.body()} for edit in chunk]
        answer = client.call("PATCH", "/api/contacts/batch/edit", json=items)
    except Refused:
        return _one_by_one(client, chunk)
    except Transient as error:
        if error.status in _CRASHES:
            return _one_by_one(client, chunk)
        return {edit.position: Outcome(edit.command, error=error) for edit in chunk}
    statuses = [_at(answer.get("statusCodes"), index) for index in range(len(chunk))]
    if set(statuses) == {403}:
        raise AuthFailed(f"{_NO_RIGHT} any of these contacts; {_LET}", status=403)
    settled = {
        edit.position: outcome
        for index, edit in enumerate(chunk)
        if (outcome := _settled(client, edit, statuses[index], _at(answer.get("contacts"), index)))
    }
    failed = [edit for edit in chunk if edit.position not in settled]
    return settled | _one_by_one(client, failed, taken=bool(settled))


def _settled(client: Client, edit: Edit, status: Any, contact: Any) -> Outcome | None:
    # Mautic 3.2 let values land on the neighbour (issue 9897): believe only its own id.
    if status == 200 and isinstance(contact, dict) and contact.get("id") == edit.contact:
        return _confirmed(client, edit, contact)
    # Others were taken, so it is about this contact: no reason to stop the connection.
    if status == 403:
        return Outcome(edit.command, error=Refused(f"{_NO_RIGHT} this contact; {_LET}", status=403))
    return None


def _one_by_one(client: Client, edits: Iterable[Edit], taken: bool = False) -> dict[int, Outcome]:
    """Each alone, until Mautic shows that it takes none: crashes in a row, or any other trouble.

    ``taken`` says that it took some before. Raises ``AuthFailed`` while it took none.
    """
    outcomes: dict[int, Outcome] = {}
    down: ConnectorError | None = None
    crashes = 0
    for edit in edits:
        outcome = Outcome(edit.command, error=down) if down else _alone(client, edit)
        outcomes[edit.position] = outcome
        error = outcome.error
        if isinstance(error, AuthFailed) and not taken:
            raise error
        taken = taken or error is None
        crashes = crashes + 1 if isinstance(error, Transient) and error.status in _CRASHES else 0
        if crashes in (0, _CRASHES_OF_MAUTIC) and isinstance(error, Transient | AuthFailed):
            down = error
    return outcomes


def _alone(client: Client, edit: Edit) -> Outcome:
    try:
        contact = _edited(client, edit.contact, edit.body())
    except ConnectorError as error:
        return Outcome(edit.command, error=error)
    return _confirmed(client, edit, contact)


def _confirmed(client: Client, edit: Edit, contact: dict[str, Any]) -> Outcome:
    """The outcome by Mautic's own answer; zeros it ignored are written again as blanks."""
    try:
        if zeros := edit.kept_zeros(contact):
            blanks = {**dict.fromkeys(zeros, ""), "overwriteWithBlank": True}
            contact = _edited(client, contact["id"], blanks)
    except ConnectorError as error:
        return Outcome(edit.command, error=error)
    return Outcome(edit.command, contact=str(contact["id"]), error=edit.shortfall(contact))


def _edited(client: Client, contact: int, body: dict[str, Any]) -> dict[str, Any]:
    path = f"/api/contacts/{contact}/edit"
    return contact_in(client.call("PATCH", path, json=body), path)


def contact_in(answer: dict[str, Any], path: str) -> dict[str, Any]:
    """The contact of an answer, its ``id`` being a number; raises ``Transient`` without one."""
    contact = answer.get("contact")
    if not isinstance(contact, dict) or not isinstance(contact.get("id"), int):
        raise Transient(f"{path}: the answer names no contact")
    return contact


def _at(container: Any, index: int) -> Any:
    """An entry of what is a list until Mautic leaves a gap in it, then an object by index."""
    if isinstance(container, dict):
        return container.get(str(index))
    return container[index] if isinstance(container, list) and index < len(container) else None
