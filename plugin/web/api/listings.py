"""Lists: connections, scorecards, write-backs that wait, items that could not be read."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from plugin.runtime import Runtime
from plugin.services.listings import (
    known_connections,
    open_deliveries,
    published_scorecards,
    waiting_letters,
)
from plugin.storage.deliveries import PENDING, REFUSED
from plugin.web.admin.access import needs

from .shapes import Blueprint, Moment, Page


class ConnectionSchema(Schema):
    """A configured platform, without anything secret."""

    name, connector, state = (fields.String() for _ in range(3))
    webhook_url = fields.String(allow_none=True)


class ScorecardSchema(Schema):
    """A published version; ``source`` is its YAML. The first one listed is in force."""

    version = fields.Integer(attribute="id")
    published_at = Moment()
    source = fields.String()


class DeliverySchema(Schema):
    """A write-back that the platform did not acknowledge yet."""

    id = fields.Integer(attribute="contact_id")
    address, state = fields.String(), fields.String()
    values = fields.Dict()
    attempts = fields.Integer()
    next_attempt_at = Moment()
    error = fields.String(allow_none=True)


class DeliveriesQuery(Page):
    """Only those in a state."""

    state = fields.String(validate=validate.OneOf([PENDING, REFUSED]))


class DeadLetterSchema(Schema):
    """An item that could not be read, without its content."""

    id, item = fields.Integer(), fields.Integer()
    connection, event, reason = (fields.String() for _ in range(3))
    recorded_at = Moment()


def listings(runtime: Runtime) -> Blueprint:
    """``/connections``, ``/scorecards``, ``/deliveries`` and ``/dead``."""
    blueprint = Blueprint("listings_api", __name__, description="What is kept.")

    @blueprint.route("/connections")
    @blueprint.response(200, ConnectionSchema(many=True))
    @needs("viewer")
    def connections() -> Any:
        """Every connected platform."""
        return known_connections(runtime.engine)

    @blueprint.route("/scorecards")
    @blueprint.response(200, ScorecardSchema(many=True))
    @needs("viewer")
    def scorecards() -> Any:
        """Every published version, the newest first."""
        return published_scorecards(runtime.engine)

    @blueprint.route("/deliveries")
    @blueprint.arguments(DeliveriesQuery, location="query")
    @blueprint.response(200, DeliverySchema(many=True))
    @needs("viewer")
    def deliveries(given: dict[str, Any]) -> Any:
        """Write-backs that wait or were refused."""
        return open_deliveries(runtime.engine, given["limit"], given["after"], given.get("state"))

    @blueprint.route("/dead")
    @blueprint.arguments(Page, location="query")
    @blueprint.response(200, DeadLetterSchema(many=True))
    @needs("viewer")
    def dead(given: dict[str, Any]) -> Any:
        """Items that could not be read."""
        return waiting_letters(runtime.engine, given["limit"], given["after"])

    return blueprint
