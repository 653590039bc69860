"""Results: what became of contacts, beside what their score said before."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from werkzeug.exceptions import NotFound

from plugin.runtime import Runtime
from plugin.scoring.results import Share
from plugin.services.results import newest_results
from plugin.web.admin.access import needs

from .shapes import Blueprint, Moment, Problem

_MOST = 1_000_000_000


class ShareSchema(Schema):
    """How many contacts were judged, and how many of them well."""

    count, good = fields.Integer(), fields.Integer()
    precision = fields.Float(allow_none=True)


class ResultsQuery(Schema):
    """A threshold to try, in whole points."""

    threshold = fields.Integer(validate=validate.Range(-_MOST, _MOST))


class BandResultSchema(Schema):
    """A band: contacts now, and of those judged how many were won, or accepted by sales."""

    band = fields.String()
    contacts = fields.Integer()
    won = fields.Nested(ShareSchema)
    accepted = fields.Nested(ShareSchema)


class RuleResultSchema(Schema):
    """A rule: how many contacts it gave points; ``fault`` is dead or harmful, if anything."""

    rule = fields.String()
    contacts = fields.Integer()
    won = fields.Nested(ShareSchema)
    accepted = fields.Nested(ShareSchema)
    fault = fields.String(allow_none=True)


class ThresholdSchema(Schema):
    """What a threshold would bring: contacts at or above it, and how those judged were."""

    threshold, contacts = fields.Integer(), fields.Integer()
    won = fields.Nested(ShareSchema)
    accepted = fields.Nested(ShareSchema)


class ResultsSchema(Schema):
    """As the worker last computed them."""

    computed_at = Moment()
    scorecard = fields.Integer()
    won = fields.Nested(ShareSchema)
    accepted = fields.Nested(ShareSchema)
    bands = fields.List(fields.Nested(BandResultSchema))
    rules = fields.List(fields.Nested(RuleResultSchema))
    threshold = fields.Nested(ThresholdSchema, allow_none=True)


def results(runtime: Runtime) -> Blueprint:
    """``/results``."""
    blueprint = Blueprint("results_api", __name__, description="Whether the scorecard is right.")

    @blueprint.route("/results")
    @blueprint.arguments(ResultsQuery, location="query")
    @blueprint.response(200, ResultsSchema)
    @blueprint.alt_response(404, schema=Problem, description="Nothing is computed yet.")
    @needs("viewer")
    def show(given: dict[str, Any]) -> dict[str, Any]:
        """Precision by band and rule, and what a threshold would bring."""
        computed = newest_results(runtime.engine)
        if computed is None:
            raise NotFound("nothing is computed yet: the worker does it within minutes")
        found = computed.results
        won, accepted = found.outcomes, found.verdicts
        tried = given.get("threshold")
        return {
            "computed_at": computed.at,
            "scorecard": found.scorecard,
            "won": won.all,
            "accepted": accepted.all,
            "bands": [
                {
                    "band": band,
                    "contacts": found.bands.get(band, 0),
                    "won": won.bands.get(band, Share()),
                    "accepted": accepted.bands.get(band, Share()),
                }
                for band in sorted({*found.bands, *won.bands, *accepted.bands})
            ],
            "rules": [
                {
                    "rule": rule,
                    "contacts": found.fired.get(rule, 0),
                    "won": won.rules.get(rule, Share()),
                    "accepted": accepted.rules.get(rule, Share()),
                    "fault": found.faults.get(rule),
                }
                for rule in sorted({*found.fired, *found.faults})
            ],
            "threshold": None
            if tried is None
            else {
                "threshold": tried,
                "contacts": found.above(tried),
                "won": won.above(tried),
                "accepted": accepted.above(tried),
            },
        }

    return blueprint
