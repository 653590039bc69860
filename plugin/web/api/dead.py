"""Dead letters one by one and by what is wrong, and reading them again."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from werkzeug.exceptions import NotFound

from plugin.runtime import Runtime
from plugin.services import dead as letters
from plugin.services.listings import waiting_letters
from plugin.services.preview_replay import preview_replay
from plugin.services.replay_dead import replay_dead
from plugin.storage.dead_letters import DeadLetter
from plugin.web.admin.access import needs, who

from .shapes import Blueprint, Moment, Page, Problem

_BULK = 500
_UNKNOWN = {"schema": Problem, "description": "No item of that id waits."}

dead = Blueprint("dead_api", __name__, description="What could not be read.")


class DeadLetterSchema(Schema):
    """An item that could not be read, without its content."""

    id, item = fields.Integer(), fields.Integer()
    connection, event, reason = (fields.String() for _ in range(3))
    recorded_at = Moment()


class GroupSchema(Schema):
    """Items of a connection and event that wait for one reason; ``id`` is that of the newest."""

    id = fields.Integer(attribute="last_id")
    connection, event, reason = (fields.String() for _ in range(3))
    count = fields.Integer()
    first_at, last_at = Moment(), Moment()


class NewActivitySchema(Schema):
    """An activity that would be scored."""

    connection, contact, kind, subject = (fields.String() for _ in range(4))
    occurred_at = Moment()


class PreviewSchema(Schema):
    """What reading again would bring; ``unreadable`` counts by reason."""

    readable, gone, others = (fields.Integer() for _ in range(3))
    unreadable = fields.Dict(keys=fields.String(), values=fields.Integer())
    activities = fields.List(fields.Nested(NewActivitySchema))


class ReplayedSchema(Schema):
    """How many items were read at last, and how many still cannot be."""

    resolved, remaining = fields.Integer(), fields.Integer()


@dead.route("/dead")
@dead.arguments(Page, location="query")
@dead.response(200, DeadLetterSchema(many=True))
@needs("viewer")
def listed(runtime: Runtime, given: dict[str, Any]) -> Any:
    """Items that could not be read."""
    return waiting_letters(runtime.engine, given["limit"], given["after"])


@dead.route("/dead/groups")
@dead.response(200, GroupSchema(many=True))
@needs("viewer")
def groups(runtime: Runtime) -> Any:
    """What waits by connection, event and reason."""
    return letters.groups(runtime.engine)


@dead.route("/dead/<int:letter_id>/try", methods=["POST"])
@dead.response(200, PreviewSchema)
@dead.alt_response(404, **_UNKNOWN)
@needs("marketer")
def rehearse(runtime: Runtime, letter_id: int) -> Any:
    """What reading the item and all like it again would bring; nothing is kept."""
    found, connectors = _alike(runtime, letter_id), runtime.manifest.connector
    return preview_replay(runtime.inbox, runtime.engine, runtime.vault, connectors, found)


@dead.route("/dead/<int:letter_id>/replay", methods=["POST"])
@dead.response(200, ReplayedSchema)
@dead.alt_response(404, **_UNKNOWN)
@needs("admin")
def replay(runtime: Runtime, letter_id: int) -> Any:
    """Read the item and at most 500 like it again, and score what is in them."""
    kept = (runtime.inbox, runtime.engine, runtime.vault, runtime.manifest.connector)
    return replay_dead(*kept, _alike(runtime, letter_id), runtime.clock(), who=who())


def _alike(runtime: Runtime, letter_id: int) -> list[DeadLetter]:
    found = letters.alike(runtime.engine, letter_id, _BULK)
    if found is None:
        raise NotFound("there is no item of that id that waits")
    return list(found.letters)
