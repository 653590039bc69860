"""Mautic's own point actions and triggers, as an importer reads them: ``/api/points``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, request

from .answers import answer
from .auth import here, require
from .author import Author
from .contacts import signed
from .kept import PointAction, PointTrigger

blueprint = Blueprint("points", __name__, url_prefix="/api/points")
_PAGE = 30
#: As recorded of those that were made through the API.
_MAKER = Author(None, "set-up [1]")
_DAY = "2026-01-01T00:00:00+00:00"
#: Under which key the properties of an action name what it counts.
_CHOSEN = {
    "page.hit": "pages",
    "email.open": "emails",
    "email.send": "emails",
    "form.submit": "forms",
    "asset.download": "assets",
}


@blueprint.get("")
def read_actions() -> Response:
    """A page of the point actions, by id."""
    standin = here()
    require(standin, "points:view")
    with standin.lock:
        return _listed("points", [_action(one) for one in standin.point_actions])


@blueprint.get("/triggers")
def read_triggers() -> Response:
    """A page of the point triggers, by id."""
    standin = here()
    require(standin, "triggers:view")
    with standin.lock:
        return _listed("triggers", [_trigger(one) for one in standin.point_triggers])


def _listed(key: str, found: Sequence[dict[str, Any]]) -> Response:
    start, limit = (int(request.args.get(k, d)) for k, d in (("start", 0), ("limit", _PAGE)))
    page = sorted(found, key=lambda one: int(one["id"]))[start:][: limit or None]
    return answer({"total": len(found), key: page})


def _head(number: int, name: str) -> dict[str, Any]:
    return {
        "isPublished": True,
        "dateAdded": _DAY,
        "dateModified": _DAY,
        **signed("createdBy", _MAKER),
        **signed("modifiedBy", _MAKER),
        "id": number,
        "name": name,
        "category": None,
        "description": None,
        "publishUp": None,
        "publishDown": None,
    }


def _action(action: PointAction) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    if action.type == "url.hit" and action.url:
        chosen = {"page_url": action.url}
    elif action.only:
        chosen = {_CHOSEN[action.type]: sorted(action.only)}
    return _head(action.id, action.name) | {
        "type": action.type,
        "delta": action.delta,
        # Nothing chosen is an empty list, as PHP writes an empty map.
        "properties": chosen or [],
        "repeatable": action.repeatable,
    }


def _trigger(trigger: PointTrigger) -> dict[str, Any]:
    events = [
        {"id": n, "name": type, "description": None, "type": type, "order": n, "properties": what}
        for n, (type, what) in enumerate(trigger.events, 1)
    ]
    return _head(trigger.id, trigger.name) | {
        "points": trigger.points,
        "color": "a0acb8",
        "events": events,
        "triggerExistingLeads": False,
    }
