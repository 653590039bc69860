"""Why somebody has a score: every line, at any moment."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from plugin.runtime import Runtime
from plugin.scoring.explanation import Explanation
from plugin.services.explain import explain_contact
from plugin.web.admin.access import needs

from .shapes import Blueprint, Language, Moment, Points, Problem

explanations = Blueprint("explanations_api", __name__, description="Why a score.")


class ReasonSchema(Schema):
    """A sentence and the points it stands for: then, and at the moment explained."""

    sentence = fields.String()
    then, now = Points(), Points()
    rule, cut = fields.String(allow_none=True), fields.String(allow_none=True)


class ExplanationSchema(Schema):
    """The ``now`` of lines and adjustments sum to the score."""

    at = Moment()
    score = Points()
    grade = fields.String()
    dimensions = fields.Dict(keys=fields.String(), values=Points())
    known = fields.Float(allow_none=True)
    missing = fields.String(allow_none=True)
    lines = fields.List(fields.Nested(ReasonSchema))
    adjustments = fields.List(fields.Nested(ReasonSchema))
    not_counted = fields.List(fields.Nested(ReasonSchema))


class ExplanationQuery(Schema):
    """At which moment, as it was known at which other one, and in which language."""

    at, known_at = Moment(), Moment()
    lang = Language()


@explanations.route("/contacts/<connection>/<contact>/explanation")
@explanations.arguments(ExplanationQuery, location="query")
@explanations.response(200, ExplanationSchema)
@explanations.alt_response(404, schema=Problem, description="Nothing is known of the contact.")
@needs("viewer")
def explanation(
    runtime: Runtime, given: dict[str, Any], connection: str, contact: str
) -> dict[str, Any]:
    """Why the contact has, or had, its score."""
    at, known_at = given.get("at") or runtime.clock(), given.get("known_at")
    who = (runtime.engine, runtime.vault, f"{connection}/{contact}")
    return as_told(explain_contact(*who, at, given["lang"], known_at))


def as_told(told: Explanation) -> dict[str, Any]:
    """What ``ExplanationSchema`` dumps."""
    own = {name: getattr(told, name, None) for name in ExplanationSchema().fields}
    share = told.confidence.share
    return {**own, "known": None if share is None else float(share), "missing": told.unknown}
