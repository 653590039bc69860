"""Dead letters by what is wrong, and reading them again."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from werkzeug.exceptions import NotFound

from plugin.runtime import Runtime
from plugin.services import dead as letters
from plugin.services.preview_replay import preview_replay
from plugin.services.replay_dead import replay_dead
from plugin.storage.dead_letters import DeadLetter
from plugin.web.admin.access import needs, who

from .shapes import Blueprint, Moment

_BULK = 500


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


def dead(runtime: Runtime) -> Blueprint:
    """``/dead/groups`` and ``/dead/<id>/…``; the items one by one are a list of ``listings``."""
    blueprint = Blueprint("dead_api", __name__, description="What could not be read.")

    @blueprint.route("/dead/groups")
    @blueprint.response(200, GroupSchema(many=True))
    @needs("viewer")
    def groups() -> Any:
        """What waits by connection, event and reason."""
        return letters.groups(runtime.engine)

    @blueprint.route("/dead/<int:letter_id>/try", methods=["POST"])
    @blueprint.response(200, PreviewSchema)
    @needs("marketer")
    def rehearse(letter_id: int) -> Any:
        """What reading the item and all like it again would bring; nothing is kept."""
        found = _alike(runtime, letter_id)
        connectors = runtime.manifest.connector
        return preview_replay(runtime.inbox, runtime.engine, runtime.vault, connectors, found)

    @blueprint.route("/dead/<int:letter_id>/replay", methods=["POST"])
    @blueprint.response(200, ReplayedSchema)
    @needs("admin")
    def replay(letter_id: int) -> Any:
        """Read the item and at most 500 like it again, and score what is in them."""
        found, connectors = _alike(runtime, letter_id), runtime.manifest.connector
        return replay_dead(
            runtime.inbox,
            runtime.engine,
            runtime.vault,
            connectors,
            found,
            runtime.clock(),
            who=who(),
        )

    return blueprint


def _alike(runtime: Runtime, letter_id: int) -> list[DeadLetter]:
    # Beyond what a database can count there is no item.
    found = letters.alike(runtime.engine, letter_id, _BULK) if letter_id < 2**63 else None
    if found is None:
        raise NotFound("there is no item of that id that waits")
    return list(found.letters)
