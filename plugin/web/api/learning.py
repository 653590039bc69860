"""Learning: points proposed from contacts that were won, and a draft of what is accepted."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from werkzeug.exceptions import NotFound

from plugin.runtime import Runtime
from plugin.scoring.durations import parse_duration
from plugin.services.draft_learned import begin_learned
from plugin.services.drafts import draft_of
from plugin.services.runs import HORIZON, ask_proposal, newest_run, result_of, stop_run
from plugin.storage.runs import PROPOSAL
from plugin.web.admin.access import needs, who
from plugin.web.admin.learning import HORIZONS

from .drafts import ListedDraftSchema
from .runs import RunSchema, as_told
from .shapes import Blueprint, Problem, Text

_UNKNOWN = {"schema": Problem, "description": "Nothing was proposed yet."}

learning = Blueprint("learning_api", __name__, description="What won contacts teach.")


class FigureSchema(Schema):
    """A value, and the interval in which it lies 19 times out of 20."""

    value, low, high = (fields.Float() for _ in range(3))


class ComparisonSchema(Schema):
    """How well one way orders the later contacts."""

    by = fields.String()
    auc, average_precision, lift = (fields.Nested(FigureSchema) for _ in range(3))


class RowSchema(Schema):
    """One rule with the points proposed, and what speaks for it."""

    id, dimension = fields.String(), fields.String()
    rule = fields.Dict()
    points, support = fields.Integer(), fields.Integer()
    low, high, stability, won_with, won_without = (fields.Float() for _ in range(5))


class ProposalSchema(Schema):
    """``form`` says whether the rows add to the present rules or replace them; ``later`` figures
    are of contacts that nothing was learned from."""

    advice, form = fields.String(), fields.String()
    wins, contacts, later_wins = (fields.Integer() for _ in range(3))
    base, base_ratio = fields.Float(), fields.Float(allow_none=True)
    calibration_error, drift = fields.Float(allow_none=True), fields.Float(allow_none=True)
    rows = fields.List(fields.Nested(RowSchema))
    comparisons = fields.List(fields.Nested(ComparisonSchema))
    gain = fields.Nested(FigureSchema, allow_none=True)
    bands = fields.Dict(keys=fields.String(), values=fields.Integer())
    reliability, volumes, differences, leaks = (fields.List(fields.Dict()) for _ in range(4))
    labels, left_out, protected = (fields.Dict() for _ in range(3))
    thresholds, cost = fields.Dict(allow_none=True), fields.Dict(allow_none=True)


class LearnedSchema(RunSchema):
    """How far it is, and what is proposed."""

    horizon = fields.String()
    allowed, protected = fields.List(fields.String()), fields.List(fields.String())
    reason = fields.String()
    result = fields.Nested(ProposalSchema, allow_none=True)


class LearningWishSchema(Schema):
    """How soon a contact must be won, and which suspicious rules may be used all the same.

    ``protected`` fields, such as an age, may be used for a written ``reason`` only; it is kept.
    """

    horizon = fields.String(load_default=HORIZON, validate=validate.OneOf(HORIZONS))
    allowed, protected = (fields.List(Text(), load_default=list) for _ in range(2))
    reason = Text(load_default="", validate=validate.Length(max=500))


class DecisionSchema(Schema):
    """Ids of the rows that are accepted, and points other than proposed for some of them."""

    accepted = fields.List(Text(), required=True)
    points = fields.Dict(
        keys=Text(), values=fields.Integer(validate=validate.Range(-10_000, 10_000))
    )
    name = Text(load_default="Learned", validate=validate.Length(1, 80))


@learning.route("/learning")
@learning.response(200, LearnedSchema)
@learning.alt_response(404, **_UNKNOWN)
@needs("marketer")
def show(runtime: Runtime) -> dict[str, Any]:
    """How far the newest proposal is, and what it says."""
    return as_told(newest_run(runtime.engine, PROPOSAL))


@learning.route("/learning", methods=["POST"])
@learning.arguments(LearningWishSchema)
@learning.response(202, LearnedSchema)
@needs("marketer")
def propose(runtime: Runtime, given: dict[str, Any]) -> dict[str, Any]:
    """Let the worker propose points; what was proposed before is let go."""
    horizon = parse_duration(given["horizon"])
    allowed, why = given["allowed"], {name: given[name] for name in ("protected", "reason")}
    ask_proposal(runtime.engine, horizon, allowed, who(), runtime.clock(), **why)
    return as_told(newest_run(runtime.engine, PROPOSAL))


@learning.route("/learning", methods=["DELETE"])
@learning.response(200, LearnedSchema)
@learning.alt_response(404, **_UNKNOWN)
@needs("marketer")
def stop(runtime: Runtime) -> dict[str, Any]:
    """Stop it; one that is done stays."""
    run = newest_run(runtime.engine, PROPOSAL)
    if run is not None:
        stop_run(runtime.engine, run.id, runtime.clock())
    return as_told(newest_run(runtime.engine, PROPOSAL))


@learning.route("/learning/draft", methods=["POST"])
@learning.arguments(DecisionSchema)
@learning.response(201, ListedDraftSchema)
@learning.alt_response(404, **_UNKNOWN)
@needs("marketer")
def decide(runtime: Runtime, given: dict[str, Any]) -> Any:
    """Begin a draft of the scorecard in force with the accepted rows; rehearse it before use."""
    found = result_of(newest_run(runtime.engine, PROPOSAL))
    if not found or found["form"] == "none":
        raise NotFound("nothing is proposed: ask by POST, and wait until it is done")
    decided = (given["accepted"], given.get("points", {}))
    number = begin_learned(runtime.engine, given["name"], found, *decided, who(), runtime.clock())
    return draft_of(runtime.engine, number)
