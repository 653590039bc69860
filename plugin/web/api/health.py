"""How everything is in figures, and what a program may do about a connection."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields
from werkzeug.exceptions import NotFound

from plugin.runtime import Runtime
from plugin.services.backfill import order_backfill, standing
from plugin.services.health import health as look
from plugin.storage.connections import StoredConnection
from plugin.web.admin.access import needs, who
from plugin.web.admin.platforms import examine, stored

from .shapes import Blueprint, Moment


class Seconds(fields.Float):
    """A duration in seconds."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> float:
        return float(value / timedelta(seconds=1))


class LagSchema(Schema):
    """Seconds within which half and 95 % of the news passed a stage, and how many there were."""

    p50, p95 = fields.Float(), fields.Float()
    seen = fields.Integer()


class ReadingSchema(Schema):
    """How far the platform's own records were read; ``since``: what happened before is left out."""

    rows, attempts = fields.Integer(), fields.Integer()
    remaining = fields.Integer(allow_none=True)
    began_at = Moment()
    caught_up_at, since = Moment(allow_none=True), Moment(allow_none=True)
    last_error = fields.String(allow_none=True)


class PlatformSchema(Schema):
    """What was noted lately about a connection."""

    name = fields.String(attribute="connection.name")
    state = fields.String(attribute="connection.state")
    mode = fields.String(attribute="connection.mode")
    version = fields.String(attribute="connection.version", allow_none=True)
    lags = fields.Dict(keys=fields.String(), values=fields.Nested(LagSchema))
    silent = fields.Boolean()
    webhook_ok = fields.Boolean(attribute="webhook.ok", allow_none=True)
    heard_at = Moment(attribute="webhook.heard_at", allow_none=True)
    breaker_open = fields.Boolean(attribute="pace.open")
    rate_share = fields.Float(attribute="pace.share")
    sent = fields.Dict(keys=fields.String(), values=fields.Integer())
    polled = fields.Dict(keys=fields.String(), values=fields.Integer())
    reconciled = fields.Nested(ReadingSchema, allow_none=True)
    backfill = fields.Nested(ReadingSchema, allow_none=True)


class HealthSchema(Schema):
    """The page Health in figures; ``oldest`` is in seconds."""

    waiting, questions, dead = (fields.Integer() for _ in range(3))
    oldest = Seconds()
    write_backs = fields.Dict(keys=fields.String(), values=fields.Integer())
    actions = fields.Dict(keys=fields.String(), values=fields.Integer())
    resting = fields.List(fields.String())
    platforms = fields.List(fields.Nested(PlatformSchema))


class CheckSchema(Schema):
    """One step of a test; ``remedy`` says what to do."""

    name, detail, remedy = (fields.String() for _ in range(3))
    ok = fields.Boolean()


class BackfillSchema(Schema):
    """From when on the past is wanted; without it all of it."""

    since = Moment(allow_none=True, load_default=None)


def health(runtime: Runtime) -> Blueprint:
    """``/health`` and ``/connections/<name>/…``."""
    blueprint = Blueprint("health_api", __name__, description="How everything is.")

    @blueprint.route("/health")
    @blueprint.response(200, HealthSchema)
    @needs("viewer")
    def show() -> Any:
        """What waits, how long news takes, how each platform bears us."""
        limit = runtime.config.backlog_limit
        return look(runtime.engine, runtime.inbox, limit, runtime.clock())

    @blueprint.route("/connections/<name>/test", methods=["POST"])
    @blueprint.response(200, CheckSchema(many=True))
    @needs("admin")
    def test(name: str) -> Any:
        """Ask the platform whether all is well."""
        return [*examine(runtime, stored(runtime, name))]

    @blueprint.route("/connections/<name>/backfill")
    @blueprint.response(200, ReadingSchema)
    @needs("viewer")
    def progress(name: str) -> Any:
        """How far the past is read; not found before it was ordered."""
        return _standing(runtime, stored(runtime, name))

    @blueprint.route("/connections/<name>/backfill", methods=["POST"])
    @blueprint.arguments(BackfillSchema)
    @blueprint.response(202, ReadingSchema)
    @needs("admin")
    def backfill(given: dict[str, Any], name: str) -> Any:
        """Let the worker read the past, silently."""
        source = stored(runtime, name)
        order_backfill(runtime.engine, source, given["since"], runtime.clock(), who())
        return _standing(runtime, source)

    return blueprint


def _standing(runtime: Runtime, source: StoredConnection) -> Any:
    found = standing(runtime.engine, source)
    if found is None:
        raise NotFound("nobody ordered a back-fill of this connection")
    return found
