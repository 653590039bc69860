"""The contacts of the REST API, one at a time and in lists."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g, request

from .answers import answer, crashed, not_found, said_by_api
from .auth import here, require
from .contacts import answered, minimal
from .happenings import note_points
from .hooks import changing
from .saving import Overflow, add_points, create, deleted, save
from .search import find
from .state import Contact

blueprint = Blueprint("contacts", __name__, url_prefix="/api/contacts")
#: How the log calls a change that names no event: only there the sign can be read.
_OPERATORS = {
    "plus": "add (+)",
    "minus": "subtract (-)",
    "times": "multiply (x)",
    "divide": "divide (/)",
}
_OUT_OF_RANGE = (
    "An exception occurred while executing a query: SQLSTATE[22003]: Numeric value out of range: "
    "1264 Out of range value for column 'delta' at row 1"
)


@blueprint.get("")
def list_contacts() -> Response:
    """A page of contacts, keyed by id; the total is text."""
    standin = here()
    require(standin, "contacts:view")
    show = minimal if request.args.get("minimal") else answered
    with standin.lock:
        total, page = find(standin, request.args)
        listed = {str(contact.id): show(standin, contact) for contact in page}
    return answer({"total": str(total), "contacts": listed})


@blueprint.get("/<int:contact_id>")
def get_contact(contact_id: int) -> Response:
    """One contact; an id that was merged away gives the winner under the winner's id."""
    standin = here()
    require(standin, "contacts:view")
    with standin.lock:
        return answer({"contact": answered(standin, _wanted(contact_id))})


@blueprint.post("/new")
def create_contact() -> Response:
    """A new contact, or an update of the one that has this e-mail already."""
    standin, data = here(), body()
    require(standin, "contacts:create")
    with changing(standin) as events:
        if known := standin.by_email(data.get("email")):
            save(standin, known, data, g.author, events)
            return answer({"contact": answered(standin, known)})
        contact = create(standin, data, g.author, events)
        shown = answered(standin, contact)
        contact.fresh = False
    headers = {"Location": f"/api/contacts/{contact.id}"}
    return answer({"contact": shown}, 201, headers=headers)


@blueprint.patch("/<int:contact_id>/edit")
def edit_contact(contact_id: int) -> Response:
    """Change what is sent and leave the rest; a merged id changes the winner."""
    standin, data = here(), body()
    with changing(standin) as events:
        contact = _wanted(contact_id)
        require(standin, "contacts:edit")
        save(standin, contact, data, g.author, events)
        return answer({"contact": answered(standin, contact)})


@blueprint.delete("/<int:contact_id>/delete")
def delete_contact(contact_id: int) -> Response:
    """Delete for good; the answer shows the contact, its id already null."""
    standin = here()
    with changing(standin) as events:
        contact = _wanted(contact_id)
        require(standin, "contacts:delete")
        events.append(deleted(standin, contact))
        standin.remove(contact.id)
        shown = {**answered(standin, contact), "id": None}
        shown["fields"]["all"]["id"] = None
        return answer({"contact": shown})


@blueprint.post("/<int:contact_id>/points/<operator>/<amount>")
def change_points(contact_id: int, operator: str, amount: str) -> Response:
    """Relative points; the answer does not tell the new total."""
    standin, data = here(), body()
    with changing(standin) as events:
        contact = standin.find(contact_id)
        if contact is None:
            raise not_found("Contact not found.")
        require(standin, "contacts:edit")
        try:
            add_points(standin, contact, _delta(contact.points, operator, amount), events)
        except Overflow:
            raise said_by_api(400, _OUT_OF_RANGE) from None
        told = data.get("eventName") or _OPERATORS[operator]
        action = data.get("actionName") or "API"
        note_points(standin, contact.id, "API", told, action, int(float(amount)))
    return answer({"success": 1})


def body() -> dict[str, Any]:
    """The fields of the request: JSON or a form; nothing sent is nothing to change."""
    if not request.is_json:
        return {
            key.removesuffix("[]"): values if key.endswith("[]") else values[-1]
            for key, values in request.form.lists()
        }
    data = json_body()
    return data if isinstance(data, dict) else {}


def json_body() -> Any:
    """The decoded JSON, ``{}`` for none; Mautic crashes on JSON that is not well-formed."""
    data = request.get_json(silent=True)
    if data is None and request.get_data():
        raise crashed(400)
    return {} if data is None else data


def _wanted(contact_id: int) -> Contact:
    contact = here().find(contact_id)
    if contact is None:
        raise not_found()
    return contact


def _delta(points: int, operator: str, amount: str) -> int:
    try:
        number = int(float(amount))
        # Mautic takes these four, not only the two its documentation names
        after = {
            "plus": lambda: points + number,
            "minus": lambda: points - number,
            "times": lambda: points * number,
            "divide": lambda: round(points / number),
        }[operator]()
    except (ValueError, KeyError, ZeroDivisionError):
        raise crashed() from None
    return after - points
