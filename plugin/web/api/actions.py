"""Actions: what scorecards asked for, and what became of it at the platforms."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from plugin.runtime import Runtime
from plugin.services.listings import asked_actions
from plugin.storage.actions import STATES
from plugin.web.admin.access import needs

from .shapes import Blueprint, Moment, Page, Problem, Text

actions = Blueprint("actions_api", __name__, description="What was asked for, and done.")


class ActionsQuery(Page):
    """Those of a state, of a contact; without a state not what a publication silenced."""

    state = fields.String(validate=validate.OneOf(STATES))
    contact = Text(load_default="", metadata={"description": "CONNECTION/CONTACT, as crm/42"})


class ActionSchema(Schema):
    """An action: ``at`` is when it was called or is to be, ``occasion`` the band or the rule.

    Waiting: for room, or proof. Calling: under way. Dropped: its reason went away before. Unclear:
    perhaps done, look into the platform. Silent: left out because a publication brought it.
    """

    id = fields.Integer()
    contact, occasion, name, object, state = (fields.String() for _ in range(5))
    at = Moment()
    error = fields.String(allow_none=True)


@actions.route("/actions")
@actions.arguments(ActionsQuery, location="query")
@actions.response(200, ActionSchema(many=True))
@actions.alt_response(404, schema=Problem, description="Nothing is known of the contact.")
@needs("viewer")
def listed(runtime: Runtime, given: dict[str, Any]) -> Any:
    """Mails, calls and other actions, the newest first."""
    part = (given["limit"], given["after"], given.get("state"), given["contact"])
    return asked_actions(runtime.engine, runtime.vault, *part)
