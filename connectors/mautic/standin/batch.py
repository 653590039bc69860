"""``PATCH /api/contacts/batch/edit`` with the ways in which it goes wrong on Mautic 6.0.3."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g

from . import php
from .answers import answer, crashed, said_by_api
from .api import json_body
from .auth import here
from .contacts import answered
from .fields import Invalid
from .hooks import changing
from .saving import save
from .state import Contact, Event, StandIn

blueprint = Blueprint("batch", __name__, url_prefix="/api/contacts/batch")
_LIMIT = 200
_MISSING_ID = {"message": "mautic.api.call.id_missing", "code": 400, "type": "api"}
_NOT_FOUND = {"message": "Item was not found.", "code": 404, "type": "api"}
_FORBIDDEN = {
    "message": "You do not have access to the requested area/action.",
    "code": 403,
    "type": "api",
}


@blueprint.patch("/edit")
def edit_contacts() -> Response:
    """Always 200: what became of an item stands in ``statusCodes`` and ``errors``."""
    standin, items = here(), json_body()
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise crashed()
    if len(items) > _LIMIT:
        raise said_by_api(500, f"A max of {_LIMIT} entities are supported at a time.")
    with changing(standin) as events:
        contacts = _found(standin, items)
        if standin.has("batch_crashes_on_shared_stages") and _share_a_stage(contacts):
            raise crashed()
        errors = {index: _MISSING_ID for index, item in enumerate(items) if item.get("id") is None}
        for index, item in enumerate(items):
            if error := _edit(standin, contacts.get(index), item, events):
                errors[index] = error
                if error["code"] != 400:
                    contacts.pop(index, None)
        shown = {index: answered(standin, contact) for index, contact in contacts.items()}
    codes = [errors[index]["code"] if index in errors else 200 for index in range(len(items))]
    told = {"errors": php.array(errors)} if errors else {}
    return answer({"contacts": php.array(shown), "statusCodes": codes, **told})


def _found(standin: StandIn, items: list[dict[str, Any]]) -> dict[int, Contact]:
    """Contacts by position among the ids that were sent.

    An item without id makes that position differ from the item's own: it is then applied to the
    contact of the item after it, whose own change is lost. Observed, and kept.
    """
    known = {str(number): contact for number, contact in standin.contacts.items()}
    ids = [str(item["id"]) for item in items if item.get("id") is not None]
    if standin.has("batch_lands_on_the_neighbour"):
        ids = [*ids[1:], *ids[:1]]
    return {index: known[number] for index, number in enumerate(ids) if number in known}


def _share_a_stage(contacts: dict[int, Contact]) -> bool:
    stages = [contact.stage["id"] for contact in contacts.values() if contact.stage]
    return len(set(stages)) < len(stages)


def _edit(
    standin: StandIn, contact: Contact | None, item: dict[str, Any], events: list[Event]
) -> dict[str, Any] | None:
    if contact is None:
        return _NOT_FOUND
    if "contacts:edit" in standin.denied:
        return _FORBIDDEN
    try:
        save(standin, contact, item, g.author, events)
    except Invalid as error:
        details = {error.alias: [error.message]}
        return {"code": 400, "message": str(error), "details": details, "type": None}
    return None
