"""Contacts in the order for sales, and of one of them the score, what it did, and a verdict."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import Schema, fields, validate
from werkzeug.exceptions import NotFound

from connectors.activity import Activity
from plugin.runtime import Runtime
from plugin.services.contact import contact_timeline
from plugin.services.judge import judge_contact
from plugin.services.look_up import score_of
from plugin.services.priorities import Priority, place_of, priorities
from plugin.web.admin.access import needs, who

from .shapes import LARGEST_PAGE, Blueprint, Language, Moment, Points, Problem, Text

_LATEST = datetime.max.replace(tzinfo=UTC)
_UNKNOWN = {"schema": Problem, "description": "Nothing is known of the contact."}

contacts = Blueprint("contacts_api", __name__, description="Whom to look at, and who it is.")


class PriorityQuery(Schema):
    """Which contacts: ``after`` is the ``place`` of the last one seen."""

    band = Text()
    search = Text(load_default="")
    limit = fields.Integer(load_default=25, validate=validate.Range(1, LARGEST_PAGE))
    after = Text()
    lang = Language()


class PrioritySchema(Schema):
    """A person and why a call is worth it; ``others`` are its contacts in other connections.

    ``place`` is to go on behind it.
    """

    contact, name, email, company, place = (fields.String() for _ in range(5))
    others = fields.List(fields.String())
    score, fit, engagement = Points(), Points(), Points()
    band, grade = fields.String(), fields.String()
    last_active = Moment(allow_none=True)
    interest = fields.String(allow_none=True)
    reasons = fields.List(fields.String())


class ScoreSchema(Schema):
    """The newest score; ``written`` is what the platform acknowledged of it."""

    score, fit, engagement = Points(), Points(), Points()
    grade, band = fields.String(), fields.String()
    identified = fields.Boolean()
    band_since, computed_at, last_active = Moment(), Moment(), Moment(allow_none=True)
    written = fields.Dict(allow_none=True)


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


class ActivitiesQuery(Schema):
    """Behind which activity."""

    before = Moment()
    before_id = Text(load_default="")


class VerdictSchema(Schema):
    """What sales says of a contact that was handed over, and why if they say so."""

    word = fields.String(required=True, validate=validate.OneOf(["accepted", "rejected"]))
    reason = Text(load_default="", validate=validate.Length(max=500))


@contacts.route("/contacts")
@contacts.arguments(PriorityQuery, location="query")
@contacts.response(200, PrioritySchema(many=True))
@contacts.alt_response(404, schema=Problem, description="There is no such band or place.")
@needs("viewer")
def ordered(runtime: Runtime, given: dict[str, Any]) -> list[dict[str, Any]]:
    """Identified persons: the best band first, then the score, then the lately active."""
    part = (given.get("band"), given["limit"], given.get("after"), given["search"])
    return [_public(one) for one in priorities(runtime.engine, given["lang"], *part)]


@contacts.route("/contacts/<connection>/<contact>/score")
@contacts.response(200, ScoreSchema)
@contacts.alt_response(404, **_UNKNOWN)
@needs("viewer")
def score(runtime: Runtime, connection: str, contact: str) -> dict[str, Any]:
    """The newest score."""
    found = score_of(runtime.engine, runtime.vault, f"{connection}/{contact}")
    if found is None:
        raise NotFound("the contact has no score yet")
    names = ScoreSchema().fields.keys() - {"written"}
    return {**{name: getattr(found.score, name) for name in names}, "written": found.written}


@contacts.route("/contacts/<connection>/<contact>/activities")
@contacts.arguments(ActivitiesQuery, location="query")
@contacts.response(200, ActivitiesSchema)
@contacts.alt_response(404, **_UNKNOWN)
@needs("viewer")
def activities(
    runtime: Runtime, given: dict[str, Any], connection: str, contact: str
) -> dict[str, Any]:
    """What the contact did."""
    before = (given.get("before") or _LATEST, given["before_id"])
    address, now = f"{connection}/{contact}", runtime.clock()
    found = contact_timeline(runtime.engine, runtime.vault, address, before, now)
    return {"activities": [_activity(one.activity) for one in found.done], "more": found.more}


@contacts.route("/contacts/<connection>/<contact>/verdicts", methods=["POST"])
@contacts.arguments(VerdictSchema)
@contacts.response(204)
@contacts.alt_response(404, **_UNKNOWN)
@needs("marketer")
def say(runtime: Runtime, given: dict[str, Any], connection: str, contact: str) -> None:
    """Say for sales whether the contact was worth it; it counts in the results."""
    address, said = f"{connection}/{contact}", (given["word"], given["reason"])
    judge_contact(runtime.engine, runtime.vault, address, *said, who(), runtime.clock())


def _public(one: Priority) -> dict[str, Any]:
    found, identity = one.contact.score, one.identity
    own = ("score", "fit", "engagement", "band", "grade", "last_active")
    return {
        "contact": one.contact.address,
        "others": one.others,
        "name": identity.name,
        "email": identity.email,
        "company": identity.company,
        "place": place_of(one.contact),
        **{name: getattr(found, name) for name in own},
        "interest": one.interest,
        "reasons": [reason.sentence for reason in one.reasons],
    }


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
