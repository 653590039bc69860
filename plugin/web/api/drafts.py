"""Drafts: begin one, read and replace its text, publish it or throw it away."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from plugin.runtime import Runtime
from plugin.services.beginnings import beginning
from plugin.services.cards import checked
from plugin.services.drafts import (
    begin,
    change,
    draft_of,
    every_draft,
    publish_draft,
    throw_away,
)
from plugin.storage.drafts import Draft
from plugin.web.admin.access import needs, who

from .scorecards import PublishedSchema
from .shapes import Blueprint, Moment, Number, Problem, Text

_UNKNOWN = {"schema": Problem, "description": "There is no such draft."}
_STALE = {"schema": Problem, "description": "Somebody changed the draft meanwhile."}
_MISTAKEN = {"schema": Problem, "description": "Its mistakes must be mended before."}
_BEGINNING = r"^(in_force|minimal|b2b|b2c|version:[0-9]{1,18}|platform:[a-z0-9_-]{1,63})$"

drafts = Blueprint("drafts_api", __name__, description="Scorecards that people work on.")


class ListedDraftSchema(Schema):
    """A draft, and who changed it last; ``based_on`` is the version then in force."""

    id, revision = fields.Integer(), fields.Integer()
    name, who = fields.String(), fields.String()
    based_on = fields.Integer(allow_none=True)
    at = Moment()


class MistakeSchema(Schema):
    """What keeps a draft from being published: its line, which part it is in, what to write."""

    line = fields.Integer()
    where, message = fields.String(), fields.String()


class DraftSchema(ListedDraftSchema):
    """A draft with its YAML, and every mistake in it."""

    source = fields.String()
    mistakes = fields.List(fields.Nested(MistakeSchema))


class NewDraftSchema(Schema):
    """The name and either the YAML, or what to begin with: by default the scorecard in force."""

    name = Text(required=True, validate=validate.Length(1, 80))
    source = Text()
    beginning = Text(
        load_default="in_force",
        validate=validate.Regexp(_BEGINNING),
        metadata={"description": "in_force, minimal, b2b, b2c, version:N or platform:CONNECTION"},
    )


class RevisionSchema(Schema):
    """The revision that you saw: where there is a newer one, nothing is done."""

    revision = Number(required=True)


class DraftTextSchema(RevisionSchema):
    """The whole YAML as it shall be."""

    source = Text(required=True)


@drafts.route("/drafts")
@drafts.response(200, ListedDraftSchema(many=True))
@needs("marketer")
def every(runtime: Runtime) -> Any:
    """All drafts, the newest first."""
    return every_draft(runtime.engine)


@drafts.route("/drafts", methods=["POST"])
@drafts.arguments(NewDraftSchema)
@drafts.response(201, DraftSchema)
@drafts.alt_response(404, schema=Problem, description="There is no such version or connection.")
@drafts.alt_response(502, schema=Problem, description="The platform did not tell its rules.")
@needs("marketer")
def create(runtime: Runtime, given: dict[str, Any]) -> dict[str, Any]:
    """Begin a draft; the text must be YAML, and may have mistakes."""
    known = (runtime.engine, runtime.vault, runtime.manifest.connector)
    source = given["source"] if "source" in given else beginning(*known, given["beginning"])
    number = begin(runtime.engine, given["name"], source, who(), runtime.clock())
    return _public(draft_of(runtime.engine, number))


@drafts.route("/drafts/<int:number>")
@drafts.response(200, DraftSchema)
@drafts.alt_response(404, **_UNKNOWN)
@needs("marketer")
def one(runtime: Runtime, number: int) -> dict[str, Any]:
    """A draft with its text."""
    return _public(draft_of(runtime.engine, number))


@drafts.route("/drafts/<int:number>", methods=["PUT"])
@drafts.arguments(DraftTextSchema)
@drafts.response(200, DraftSchema)
@drafts.alt_response(404, **_UNKNOWN)
@drafts.alt_response(409, **_STALE)
@needs("marketer")
def replace(runtime: Runtime, given: dict[str, Any], number: int) -> dict[str, Any]:
    """Replace the text, which must be YAML; what else is wrong with it is told."""
    engine, now = runtime.engine, runtime.clock()
    text = given["source"]
    return _public(change(engine, number, given["revision"], lambda _old: text, who(), now))


@drafts.route("/drafts/<int:number>", methods=["DELETE"])
@drafts.arguments(RevisionSchema, location="query")
@drafts.response(204)
@drafts.alt_response(404, **_UNKNOWN)
@drafts.alt_response(409, **_STALE)
@needs("marketer")
def discard(runtime: Runtime, given: dict[str, Any], number: int) -> None:
    """Throw the draft away."""
    throw_away(runtime.engine, number, given["revision"], who(), runtime.clock())


@drafts.route("/drafts/<int:number>/publish", methods=["POST"])
@drafts.arguments(RevisionSchema)
@drafts.response(201, PublishedSchema)
@drafts.alt_response(404, **_UNKNOWN)
@drafts.alt_response(409, **_STALE)
@drafts.alt_response(422, **_MISTAKEN)
@needs("marketer")
def publish(runtime: Runtime, given: dict[str, Any], number: int) -> dict[str, int]:
    """Put the draft in force, which then is none any more; contacts are scored silently."""
    now = runtime.clock()
    return {"version": publish_draft(runtime.engine, number, given["revision"], who(), now)}


def _public(draft: Draft) -> dict[str, Any]:
    own = {name: getattr(draft, name) for name in ListedDraftSchema().fields}
    mistakes = checked(draft.source).problems
    return {**own, "source": draft.source, "mistakes": mistakes}
