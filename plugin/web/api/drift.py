"""Drift: whether scores, and how many are won, have moved since the scorecard was published."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from werkzeug.exceptions import NotFound

from plugin.runtime import Runtime
from plugin.services.drift import Moved, newest_drift
from plugin.web.admin.access import needs

from .shapes import Blueprint, Moment, Problem

_MOST = 1_000_000

drift = Blueprint("drift_api", __name__, description="Whether scores have moved.")


class DriftQuery(Schema):
    """Calls a week to find a threshold for."""

    calls = fields.Integer(validate=validate.Range(1, _MOST))


class WeekSchema(Schema):
    """The four weeks until a Monday; PSI and ratio are null where too few were active."""

    until = fields.Date()
    contacts, won = fields.Integer(), fields.Integer()
    psi, ratio = fields.Float(allow_none=True), fields.Float(allow_none=True)
    level = fields.String()


class BeginSchema(Schema):
    """Points from which on the calls are filled, and how many contacts a week rise to them."""

    calls, least = fields.Integer(), fields.Integer(allow_none=True)
    a_week = fields.Float(allow_none=True)


class DriftSchema(Schema):
    """As the worker last computed it; ``level`` is steady, moved or stopped."""

    computed_at = Moment()
    scorecard = fields.Integer()
    since = fields.Date(allow_none=True)
    level = fields.String()
    weeks = fields.List(fields.Nested(WeekSchema))
    threshold = fields.Nested(BeginSchema, allow_none=True)


@drift.route("/drift")
@drift.arguments(DriftQuery, location="query")
@drift.response(200, DriftSchema)
@drift.alt_response(404, schema=Problem, description="Nothing is computed yet.")
@needs("viewer")
def show(runtime: Runtime, given: dict[str, Any]) -> dict[str, Any]:
    """Week by week how far scores have moved, and a threshold for so many calls a week."""
    found = newest_drift(runtime.engine)
    if found is None:
        raise NotFound("nothing is computed yet for this scorecard: it is done within an hour")
    calls = given.get("calls")
    own = ("computed_at", "scorecard", "since", "level", "weeks")
    return {
        **{name: getattr(found, name) for name in own},
        "threshold": None if calls is None else _threshold(found, calls),
    }


def _threshold(found: Moved, calls: int) -> dict[str, Any]:
    least = found.begin_at(calls)
    return {
        "calls": calls,
        "least": least,
        "a_week": None if least is None else found.a_week(least),
    }
