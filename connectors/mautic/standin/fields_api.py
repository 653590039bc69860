"""The contact fields of the REST API."""

from __future__ import annotations

import re
from itertools import count
from typing import Any

from flask import Blueprint, Response, g, request

from .answers import answer, invalid, not_found
from .api import body
from .auth import here, require
from .contacts import signed
from .fields import Field
from .state import StandIn

blueprint = Blueprint("fields", __name__, url_prefix="/api/fields/contact")
_LENGTHLESS = ("number", "boolean", "date", "datetime", "multiselect")


@blueprint.get("")
def list_fields() -> Response:
    """Contact fields keyed by id; like every list 30 of them unless asked for more."""
    standin = here()
    require(standin, "fields:view")
    start, limit = int(request.args.get("start", 0)), int(request.args.get("limit", 30))
    with standin.lock:
        listed = [_field(standin, known) for known in standin.fields]
    page = listed[start : start + limit] if limit else listed[start:]
    return answer({"total": len(listed), "fields": {str(item["id"]): item for item in page}})


@blueprint.post("/new")
def create_field() -> Response:
    """A new contact field; a taken alias gets a number, it is no error.

    Made in the background it is there at once, but unpublished until its column is.
    """
    standin, data = here(), body()
    require(standin, "fields:create")
    if not data.get("label"):
        raise invalid("label", "A label is required.")
    with standin.lock:
        made = Field(
            id=standin.next_field_id(),
            alias=_free_alias(standin, data.get("alias") or data["label"]),
            label=data["label"],
            type=data.get("type", "text"),
            group=data.get("group", "core"),
            unique=bool(data.get("isUniqueIdentifier")),
            public=bool(data.get("isPubliclyUpdatable")),
            default="" if data.get("type") == "multiselect" else None,
            properties=_as_text(data.get("properties") or {}),
            added=standin.now(),
            published=not standin.fields_in_background,
            author=g.author,
        )
        standin.add_field(made)
        shown = _field(standin, made)
    status = 201 if made.published else 202
    location = {"Location": f"/api/fields/contact/{made.id}"}
    return answer({"field": shown}, status, headers=location)


@blueprint.delete("/<int:field_id>/delete")
def delete_field(field_id: int) -> Response:
    """Remove a field, and what every contact holds in it; the answer shows it, its id null."""
    standin = here()
    require(standin, "fields:delete")
    with standin.lock:
        known = next((one for one in standin.fields if one.id == field_id), None)
        if known is None:
            raise not_found()
        shown = _field(standin, known)
        standin.fields.remove(known)
        for contact in standin.contacts.values():
            contact.values.pop(known.alias, None)
    return answer({"field": {**shown, "id": None}})


def _field(standin: StandIn, known: Field) -> dict[str, Any]:
    lengthless = known.added and known.type in _LENGTHLESS
    return {
        "isPublished": known.published,
        "dateAdded": known.added,
        "dateModified": known.added,
        **signed("createdBy", known.author),
        **signed("modifiedBy", known.author),
        "id": known.id,
        "label": known.label,
        "alias": known.alias,
        "type": known.type,
        "group": known.group,
        "order": standin.fields.index(known) + 1,
        "object": known.object,
        "defaultValue": known.default,
        "isRequired": False,
        "isFixed": known.fixed,
        "isListable": True,
        "isVisible": True,
        "isShortVisible": known.short_visible,
        "isUniqueIdentifier": known.unique,
        "isPubliclyUpdatable": known.public,
        "properties": dict(known.properties),
        "isIndex": known.unique,
        "charLengthLimit": None if lengthless else 64,
    }


def _free_alias(standin: StandIn, wanted: str) -> str:
    alias = re.sub(r"\W+", "_", wanted.lower())[:25]
    numbered = (f"{alias}{number or ''}" for number in count())
    return next(name for name in numbered if standin.field(name) is None)


def _as_text(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        key: str(value) if isinstance(value, int | float) else value
        for key, value in properties.items()
    }
