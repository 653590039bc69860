"""Rehearsals: what publishing a draft would change; asked for, watched, read."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from plugin.runtime import Runtime
from plugin.services.drafts import draft_of
from plugin.services.runs import ask_rehearsal, newest_run, stop_run
from plugin.storage.runs import REHEARSAL, Run
from plugin.web.admin.access import needs, who
from plugin.web.admin.rehearsals import WEEKS

from .runs import RunSchema, as_told
from .shapes import Blueprint, Problem

_UNKNOWN = {"schema": Problem, "description": "There is no such draft, or no rehearsal of it."}

rehearsals = Blueprint("rehearsals_api", __name__, description="What a draft would change.")


class StandingSchema(Schema):
    """Where a contact stands under one scorecard, in points."""

    score, fit, engagement = (fields.Float() for _ in range(3))
    grade, band = fields.String(), fields.String()


class ChangeSchema(Schema):
    """A contact that would be in another band."""

    contact = fields.String()
    identified = fields.Boolean()
    live, draft = fields.Nested(StandingSchema), fields.Nested(StandingSchema)


class RehearsedSchema(Schema):
    """Everything under ``live``, the scorecard in force, beside ``draft``.

    ``changed`` contacts would be in another band, the 200 greatest changes are named; ``outcomes``
    are of contacts known to be won or lost, by each band that they had reached before.
    """

    contacts, changed = fields.Integer(), fields.Integer()
    bands = fields.Dict(keys=fields.String(), values=fields.Dict())
    changes = fields.List(fields.Nested(ChangeSchema))
    moves, entered_per_week, actions, calls_per_week = (
        fields.List(fields.Dict()) for _ in range(4)
    )
    outcomes = fields.Dict(keys=fields.String(), values=fields.List(fields.Dict()))


class RehearsalSchema(RunSchema):
    """How far it is, and what it found for the ``revision`` of the draft that it was asked of."""

    revision, weeks = fields.Integer(), fields.Integer()
    result = fields.Nested(RehearsedSchema, allow_none=True)


class RehearsalWishSchema(Schema):
    """How far back mails, calls and other actions are looked for."""

    weeks = fields.Integer(load_default=8, validate=validate.OneOf(WEEKS))


@rehearsals.route("/drafts/<int:number>/rehearsal")
@rehearsals.response(200, RehearsalSchema)
@rehearsals.alt_response(404, **_UNKNOWN)
@needs("marketer")
def show(runtime: Runtime, number: int) -> dict[str, Any]:
    """How far the newest rehearsal is, and what it found."""
    return as_told(_newest(runtime, number))


@rehearsals.route("/drafts/<int:number>/rehearsal", methods=["POST"])
@rehearsals.arguments(RehearsalWishSchema)
@rehearsals.response(202, RehearsalSchema)
@rehearsals.alt_response(404, **_UNKNOWN)
@needs("marketer")
def ask(runtime: Runtime, given: dict[str, Any], number: int) -> dict[str, Any]:
    """Let the worker rehearse the draft as it is now; what was found before is let go."""
    draft, now = draft_of(runtime.engine, number), runtime.clock()
    ask_rehearsal(runtime.engine, number, draft.revision, given["weeks"], who(), now)
    return as_told(_newest(runtime, number))


@rehearsals.route("/drafts/<int:number>/rehearsal", methods=["DELETE"])
@rehearsals.response(200, RehearsalSchema)
@rehearsals.alt_response(404, **_UNKNOWN)
@needs("marketer")
def stop(runtime: Runtime, number: int) -> dict[str, Any]:
    """Stop it; one that is done stays."""
    run = _newest(runtime, number)
    if run is not None:
        stop_run(runtime.engine, run.id, runtime.clock())
    return as_told(_newest(runtime, number))


def _newest(runtime: Runtime, number: int) -> Run | None:
    draft_of(runtime.engine, number)
    return newest_run(runtime.engine, REHEARSAL, str(number))
