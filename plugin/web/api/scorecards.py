"""Published scorecards: versions, what differs between them, and the way back."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from plugin.runtime import Runtime
from plugin.scoring.difference_words import told
from plugin.scoring.differences import differences
from plugin.services.cards import applied
from plugin.services.listings import published_scorecards
from plugin.services.publish import roll_back, version
from plugin.web.admin.access import needs, who

from .shapes import Blueprint, Language, Moment, Number, Problem

_UNKNOWN = {"schema": Problem, "description": "There is no such version."}

scorecards = Blueprint("scorecards_api", __name__, description="What is, and was, in force.")


class ScorecardSchema(Schema):
    """A published version; ``source`` is its YAML. The first one listed is in force."""

    version = fields.Integer(attribute="id")
    published_at = Moment()
    source = fields.String()


class AppliedSchema(Schema):
    """How many contacts there are, and how many the scorecard in force has not scored yet."""

    contacts, waiting, done = (fields.Integer() for _ in range(3))


class ComparisonQuery(Schema):
    """The two versions."""

    old, new = Number(required=True), Number(required=True)
    lang = Language()


class DifferenceSchema(Schema):
    """A part that came or went, or its key that changed; without an id it is the whole card."""

    of, what, key, sentence = (fields.String() for _ in range(4))
    id = fields.String(allow_none=True)


class PublishedSchema(Schema):
    """The number of the version that is in force now."""

    version = fields.Integer()


@scorecards.route("/scorecards")
@scorecards.response(200, ScorecardSchema(many=True))
@needs("viewer")
def every(runtime: Runtime) -> Any:
    """Every published version, the newest first."""
    return published_scorecards(runtime.engine)


@scorecards.route("/scorecards/<int:number>")
@scorecards.response(200, ScorecardSchema)
@scorecards.alt_response(404, **_UNKNOWN)
@needs("viewer")
def one(runtime: Runtime, number: int) -> Any:
    """One version."""
    return version(runtime.engine, number)


@scorecards.route("/scorecards/progress")
@scorecards.response(200, AppliedSchema)
@needs("viewer")
def progress(runtime: Runtime) -> Any:
    """How far the recalculation after a publication is."""
    return applied(runtime.engine)


@scorecards.route("/scorecards/differences")
@scorecards.arguments(ComparisonQuery, location="query")
@scorecards.response(200, DifferenceSchema(many=True))
@scorecards.alt_response(404, **_UNKNOWN)
@needs("viewer")
def compare(runtime: Runtime, given: dict[str, Any]) -> list[dict[str, Any]]:
    """What differs between two versions, by meaning."""
    old, new = (version(runtime.engine, given[one]) for one in ("old", "new"))
    found = differences(old.source, new.source, (f"version {old.id}", f"version {new.id}"))
    return [
        {
            "of": one.of,
            "what": one.what,
            "id": one.part.get("id"),
            "key": one.key,
            "sentence": told(one, given["lang"]),
        }
        for one in found
    ]


@scorecards.route("/scorecards/<int:number>/restore", methods=["POST"])
@scorecards.response(201, PublishedSchema)
@scorecards.alt_response(404, **_UNKNOWN)
@scorecards.alt_response(422, schema=Problem, description="It is not understood any more.")
@needs("marketer")
def restore(runtime: Runtime, number: int) -> dict[str, int]:
    """Put the text of a version in force again, as a new one; contacts are scored silently."""
    _, newer = roll_back(runtime.engine, number, runtime.clock(), who())
    return {"version": newer}
