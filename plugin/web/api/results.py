"""Results: what became of contacts, beside what their score said before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate
from werkzeug.exceptions import NotFound

from plugin.runtime import Runtime
from plugin.scoring.results import Share
from plugin.services.reports import ask_for
from plugin.services.results import RESULTS, Results, newest_results
from plugin.web.admin.access import needs

from .shapes import Blueprint, Moment, Problem

_MOST = 1_000_000_000

results = Blueprint("results_api", __name__, description="Whether the scorecard is right.")


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


@results.route("/results")
@results.arguments(ResultsQuery, location="query")
@results.response(200, ResultsSchema)
@results.alt_response(404, schema=Problem, description="Nothing is computed yet.")
@needs("viewer")
def show(runtime: Runtime, given: dict[str, Any]) -> dict[str, Any]:
    """Precision by band and rule, and what a threshold would bring."""
    computed = newest_results(runtime.engine)
    if computed is None:
        raise NotFound("nothing is computed yet: the worker does it within minutes")
    found, tried = computed.results, given.get("threshold")
    return {
        "computed_at": computed.at,
        "scorecard": found.scorecard,
        "won": found.outcomes.all,
        "accepted": found.verdicts.all,
        "bands": [
            _band(found, band)
            for band in _names(found.bands, found.outcomes.bands, found.verdicts.bands)
        ],
        "rules": [_rule(found, rule) for rule in _names(found.fired, found.faults)],
        "threshold": None if tried is None else _threshold(found, tried),
    }


@results.route("/results", methods=["POST"])
@results.response(202)
@needs("marketer")
def compute(runtime: Runtime) -> None:
    """Let the worker compute them anew, within seconds."""
    ask_for(runtime.engine, RESULTS, runtime.clock())


def _names(*of: Mapping[str, Any]) -> list[str]:
    return sorted({name for one in of for name in one})


def _band(found: Results, band: str) -> dict[str, Any]:
    return {
        "band": band,
        "contacts": found.bands.get(band, 0),
        "won": found.outcomes.bands.get(band, Share()),
        "accepted": found.verdicts.bands.get(band, Share()),
    }


def _rule(found: Results, rule: str) -> dict[str, Any]:
    return {
        "rule": rule,
        "contacts": found.fired.get(rule, 0),
        "won": found.outcomes.rules.get(rule, Share()),
        "accepted": found.verdicts.rules.get(rule, Share()),
        "fault": found.faults.get(rule),
    }


def _threshold(found: Results, points: int) -> dict[str, Any]:
    return {
        "threshold": points,
        "contacts": found.above(points),
        "won": found.outcomes.above(points),
        "accepted": found.verdicts.above(points),
    }
