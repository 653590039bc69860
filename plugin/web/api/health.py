"""How everything is in figures, and a file for whoever looks for a fault."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response
from marshmallow import INCLUDE, Schema, fields

from plugin.runtime import Runtime
from plugin.services.health import health as look
from plugin.web.admin.access import needs
from plugin.web.admin.health import diagnostics_file

from .backfills import ReadingSchema
from .shapes import Blueprint, Moment

health = Blueprint("health_api", __name__, description="How everything is.")


class Seconds(fields.Float):
    """A duration in seconds."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> float:
        return float(value / timedelta(seconds=1))


class LagSchema(Schema):
    """Seconds within which half and 95 % of the news passed a stage, and how many there were."""

    p50, p95 = fields.Float(), fields.Float()
    seen = fields.Integer()


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


class DiagnosticsSchema(Schema):
    """What ``maturo check`` and the page Health know, for whoever looks for a fault."""

    class Meta:
        """Its parts follow the program."""

        unknown = INCLUDE

    name, version = fields.String(), fields.String()


@health.route("/health")
@health.response(200, HealthSchema)
@needs("viewer")
def show(runtime: Runtime) -> Any:
    """What waits, how long news takes, how each platform bears us."""
    limit = runtime.config.backlog_limit
    return look(runtime.engine, runtime.inbox, limit, runtime.clock())


@health.route("/diagnostics")
@health.response(200, DiagnosticsSchema)
@needs("admin")
def diagnostics(runtime: Runtime) -> Response:
    """All that helps to find a fault; nothing secret, nothing personal."""
    return diagnostics_file(runtime)
