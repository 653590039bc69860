"""The past of a connection: read by the worker when it was ordered."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from werkzeug.exceptions import NotFound

from plugin.runtime import Runtime
from plugin.services.backfill import order_backfill, standing
from plugin.storage.connections import StoredConnection
from plugin.web.admin.access import needs, who
from plugin.web.admin.platforms import stored

from .shapes import Blueprint, Moment, Problem

_UNKNOWN = {"schema": Problem, "description": "There is no such connection, or no order."}

backfills = Blueprint("backfills_api", __name__, description="What happened before.")


class ReadingSchema(Schema):
    """How far the platform's own records were read; ``since``: what happened before is left out."""

    rows, attempts = fields.Integer(), fields.Integer()
    remaining = fields.Integer(allow_none=True)
    began_at = Moment()
    caught_up_at, since = Moment(allow_none=True), Moment(allow_none=True)
    last_error = fields.String(allow_none=True)


class BackfillSchema(Schema):
    """From when on the past is wanted; without it all of it."""

    since = Moment(allow_none=True, load_default=None)


@backfills.route("/connections/<name>/backfill")
@backfills.response(200, ReadingSchema)
@backfills.alt_response(404, **_UNKNOWN)
@needs("viewer")
def progress(runtime: Runtime, name: str) -> Any:
    """How far the past is read; not found before it was ordered."""
    return _standing(runtime, stored(runtime, name))


@backfills.route("/connections/<name>/backfill", methods=["POST"])
@backfills.arguments(BackfillSchema)
@backfills.response(202, ReadingSchema)
@backfills.alt_response(404, **_UNKNOWN)
@needs("admin")
def order(runtime: Runtime, given: dict[str, Any], name: str) -> Any:
    """Let the worker read the past, silently."""
    source = stored(runtime, name)
    order_backfill(runtime.engine, source, given["since"], runtime.clock(), who())
    return _standing(runtime, source)


def _standing(runtime: Runtime, source: StoredConnection) -> Any:
    found = standing(runtime.engine, source)
    if found is None:
        raise NotFound("nobody ordered a back-fill of this connection")
    return found
