"""What just arrived."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from plugin.runtime import Runtime
from plugin.services.feed import Arrived, Wanted, newest_activities
from plugin.web.admin.access import needs

from .shapes import Blueprint, Moment, Page, Points, Problem, Text

feed = Blueprint("feed_api", __name__, description="What just arrived.")


class FeedQuery(Page):
    """Which activities; those that came behind the ``id`` of ``after``."""

    connection, kind, contact = (Text(load_default="") for _ in range(3))


class EarnedSchema(Schema):
    """What a rule gave for it."""

    rule = fields.String()
    points = Points()


class ArrivalSchema(Schema):
    """An activity as it came."""

    id = fields.Integer()
    contact, activity, kind = (fields.String() for _ in range(3))
    occurred_at, heard_at = Moment(), Moment()
    earned = fields.List(fields.Nested(EarnedSchema))


@feed.route("/feed")
@feed.arguments(FeedQuery, location="query")
@feed.response(200, ArrivalSchema(many=True))
@feed.alt_response(404, schema=Problem, description="Nothing is known of the contact.")
@needs("viewer")
def newest(runtime: Runtime, given: dict[str, Any]) -> list[dict[str, Any]]:
    """The newest activities, newest first, with what each earned."""
    wanted = Wanted(given["connection"], given["kind"], given["contact"])
    part = (given["after"], given["limit"])
    return [_public(one) for one in newest_activities(runtime.engine, runtime.vault, wanted, *part)]


def _public(one: Arrived) -> dict[str, Any]:
    return {
        "id": one.arrival.id,
        "contact": one.address,
        "activity": one.activity.id,
        "kind": one.activity.kind,
        "occurred_at": one.activity.occurred_at,
        "heard_at": one.arrival.heard_at,
        "earned": one.lines,
    }
