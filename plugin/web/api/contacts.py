"""One contact: its score, why it has it, and what it did."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, fields, validate
from werkzeug.exceptions import NotFound, UnprocessableEntity

from connectors.activity import Activity
from plugin.runtime import Runtime
from plugin.scoring.explanation import Explanation
from plugin.services.contact import contact_timeline
from plugin.services.explain import explain_contact
from plugin.services.look_up import score_of
from plugin.web.admin.access import needs

from .shapes import Blueprint, Moment, Points, Problem

_LATEST = datetime.max.replace(tzinfo=UTC)
_UNKNOWN = {"schema": Problem, "description": "Nothing is known of the contact."}


class ScoreSchema(Schema):
    """The newest score; ``written`` is what the platform acknowledged of it."""

    score, fit, engagement = Points(), Points(), Points()
    grade, band = fields.String(), fields.String()
    identified = fields.Boolean()
    band_since, computed_at, last_active = Moment(), Moment(), Moment(allow_none=True)
    written = fields.Dict(allow_none=True)


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


class ActivitySchema(Schema):
    """Something that the contact did."""

    id, kind, evidence, origin = (fields.String() for _ in range(4))
    occurred_at = Moment()
    subject = fields.Dict()
    attributes = fields.Dict()


class ActivitiesSchema(Schema):
    """The newest first; for older ones give the last one's moment and id."""

    activities = fields.List(fields.Nested(ActivitySchema))
    more = fields.Boolean()


class ExplanationQuery(Schema):
    """At which moment, and in which language."""

    at = Moment()
    lang = fields.String(load_default="en", validate=validate.OneOf(["en", "fr"]))


class ActivitiesQuery(Schema):
    """Behind which activity."""

    before = Moment()
    before_id = fields.String(load_default="")


def contacts(runtime: Runtime) -> Blueprint:
    """``/contacts/<connection>/<contact>/…``; the contact is the platform's id."""
    blueprint = Blueprint("contacts_api", __name__, description="One contact.")

    @blueprint.route("/contacts/<connection>/<contact>/score")
    @blueprint.response(200, ScoreSchema)
    @blueprint.alt_response(404, **_UNKNOWN)
    @needs("viewer")
    def score(connection: str, contact: str) -> dict[str, Any]:
        """The newest score."""
        found = score_of(runtime.engine, runtime.vault, f"{connection}/{contact}")
        if found is None:
            raise NotFound("the contact has no score yet")
        names = ScoreSchema().fields.keys() - {"written"}
        return {**{name: getattr(found.score, name) for name in names}, "written": found.written}

    @blueprint.route("/contacts/<connection>/<contact>/explanation")
    @blueprint.arguments(ExplanationQuery, location="query")
    @blueprint.response(200, ExplanationSchema)
    @blueprint.alt_response(404, **_UNKNOWN)
    @needs("viewer")
    def explanation(given: dict[str, Any], connection: str, contact: str) -> dict[str, Any]:
        """Why the contact has, or had, its score."""
        at, address = _utc(given.get("at")) or runtime.clock(), f"{connection}/{contact}"
        told = explain_contact(runtime.engine, runtime.vault, address, at, given["lang"])
        return _public(told)

    @blueprint.route("/contacts/<connection>/<contact>/activities")
    @blueprint.arguments(ActivitiesQuery, location="query")
    @blueprint.response(200, ActivitiesSchema)
    @blueprint.alt_response(404, **_UNKNOWN)
    @needs("viewer")
    def activities(given: dict[str, Any], connection: str, contact: str) -> dict[str, Any]:
        """What the contact did."""
        before = (_utc(given.get("before")) or _LATEST, given["before_id"])
        address, now = f"{connection}/{contact}", runtime.clock()
        found = contact_timeline(runtime.engine, runtime.vault, address, before, now)
        return {"activities": [_activity(one.activity) for one in found.done], "more": found.more}

    return blueprint


def _public(told: Explanation) -> dict[str, Any]:
    own = {name: getattr(told, name, None) for name in ExplanationSchema().fields}
    share = told.confidence.share
    return {**own, "known": None if share is None else float(share), "missing": told.unknown}


def _activity(one: Activity) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "occurred_at": one.occurred_at,
        "evidence": one.evidence.value,
        "origin": one.origin.value,
        "subject": {name: getattr(one.subject, name) for name in ("type", "id", "name", "url")},
        "attributes": dict(one.attributes),
    }


def _utc(moment: datetime | None) -> datetime | None:
    try:
        return None if moment is None else moment.astimezone(UTC)
    except OverflowError:
        raise UnprocessableEntity("the moment is out of range") from None
