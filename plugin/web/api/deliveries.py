"""Write-backs that wait, or that the platform refused."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from plugin.runtime import Runtime
from plugin.services.listings import open_deliveries
from plugin.storage.deliveries import PENDING, REFUSED
from plugin.web.admin.access import needs

from .shapes import Blueprint, Moment, Page

deliveries = Blueprint("deliveries_api", __name__, description="What is to be written back.")


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


@deliveries.route("/deliveries")
@deliveries.arguments(DeliveriesQuery, location="query")
@deliveries.response(200, DeliverySchema(many=True))
@needs("viewer")
def listed(runtime: Runtime, given: dict[str, Any]) -> Any:
    """Write-backs that wait or were refused."""
    return open_deliveries(runtime.engine, given["limit"], given["after"], given.get("state"))
