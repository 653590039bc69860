"""Connections, and what a program may do about one of them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from plugin.runtime import Runtime
from plugin.services.listings import known_connections
from plugin.web.admin.access import needs
from plugin.web.admin.platforms import examine, removed, republished, rotated, stored

from .connecting import ConnectedSchema, told
from .shapes import Blueprint, CheckSchema, Problem

_UNKNOWN = {"schema": Problem, "description": "There is no such connection."}

connections = Blueprint("connections_api", __name__, description="The connected platforms.")


class ConnectionSchema(Schema):
    """A configured platform, without anything secret."""

    name, connector, state, mode = (fields.String() for _ in range(4))
    webhook_url, version = fields.String(allow_none=True), fields.String(allow_none=True)


class RemovalQuery(Schema):
    """Whether our fields are deleted at the platform, with all that they hold."""

    delete_fields = fields.Boolean(load_default=False)


class RemovedSchema(Schema):
    """What was done at the platform, and how many write-backs and actions will never be."""

    checks = fields.List(fields.Nested(CheckSchema))
    deliveries, actions = fields.Integer(), fields.Integer()


@connections.route("/connections")
@connections.response(200, ConnectionSchema(many=True))
@needs("viewer")
def every(runtime: Runtime) -> Any:
    """Every connected platform."""
    return known_connections(runtime.engine)


@connections.route("/connections/<name>")
@connections.response(200, ConnectionSchema)
@connections.alt_response(404, **_UNKNOWN)
@needs("viewer")
def one(runtime: Runtime, name: str) -> Any:
    """One connected platform."""
    return stored(runtime, name)


@connections.route("/connections/<name>/test", methods=["POST"])
@connections.response(200, CheckSchema(many=True))
@connections.alt_response(404, **_UNKNOWN)
@needs("admin")
def test(runtime: Runtime, name: str) -> Any:
    """Ask the platform whether all is well."""
    return [*examine(runtime, stored(runtime, name))]


@connections.route("/connections/<name>/republish", methods=["POST"])
@connections.response(200, CheckSchema(many=True))
@connections.alt_response(404, **_UNKNOWN)
@needs("admin")
def republish(runtime: Runtime, name: str) -> Any:
    """Switch the webhook on again where the platform switched it off."""
    return [*republished(runtime, stored(runtime, name))]


@connections.route("/connections/<name>/secret", methods=["POST"])
@connections.response(200, ConnectedSchema)
@connections.alt_response(404, **_UNKNOWN)
@connections.alt_response(502, schema=Problem, description="The platform did not do it.")
@needs("admin")
def rotate(runtime: Runtime, name: str) -> dict[str, Any]:
    """Sign deliveries with a new secret; the one before stays valid until the next change."""
    source = stored(runtime, name)
    return told(rotated(runtime, source), by_hand=source.webhook_url is None)


@connections.route("/connections/<name>", methods=["DELETE"])
@connections.arguments(RemovalQuery, location="query")
@connections.response(200, RemovedSchema)
@connections.alt_response(404, **_UNKNOWN)
@needs("admin")
def remove(runtime: Runtime, given: dict[str, Any], name: str) -> Any:
    """Disconnect the platform; what was learnt from it stays."""
    return removed(runtime, stored(runtime, name), given["delete_fields"])
