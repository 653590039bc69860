"""How everything is."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from plugin.runtime import Runtime
from plugin.services.overview import overview
from plugin.web.admin.access import needs

from .shapes import Blueprint

status = Blueprint("status_api", __name__, description="How everything is.")


class BandSchema(Schema):
    """How many identified contacts are in a band."""

    band = fields.String()
    contacts = fields.Integer()


class MatterSchema(Schema):
    """Something that needs a person."""

    kind, name = fields.String(), fields.String()
    count = fields.Integer()


class StatusSchema(Schema):
    """The front page in figures."""

    version = fields.String()
    waiting = fields.Integer()
    visitors = fields.Integer()
    bands = fields.List(fields.Nested(BandSchema))
    matters = fields.List(fields.Nested(MatterSchema))


@status.route("/status")
@status.response(200, StatusSchema)
@needs("viewer")
def show(runtime: Runtime) -> dict[str, Any]:
    """Contacts by band, what waits, and what needs a person."""
    limit = runtime.config.backlog_limit
    found = overview(runtime.engine, runtime.inbox, limit, runtime.clock())
    return {
        "version": runtime.manifest.version,
        "waiting": found.health.waiting,
        "visitors": found.visitors,
        "bands": [{"band": band.id, "contacts": count} for band, count in found.bands],
        "matters": found.matters,
    }
