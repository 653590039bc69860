"""Lists of people: contacts in the order for sales, companies, and what just arrived."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from plugin.runtime import Runtime
from plugin.services.accounts import ranked_accounts
from plugin.services.feed import Wanted, newest_activities
from plugin.services.priorities import Priority, place_of, priorities
from plugin.web.admin.access import needs

from .shapes import LARGEST_PAGE, Blueprint, Moment, Page, Points, Problem

_NO_NUL = validate.ContainsNoneOf("\0")


class PriorityQuery(Schema):
    """Which contacts: ``after`` is the ``place`` of the last one seen."""

    band = fields.String()
    search = fields.String(load_default="", validate=_NO_NUL)
    limit = fields.Integer(load_default=25, validate=validate.Range(1, LARGEST_PAGE))
    after = fields.String()
    lang = fields.String(load_default="en", validate=validate.OneOf(["en", "fr"]))


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


class AccountsQuery(Schema):
    """Which companies: ``after`` is the ``key`` of the last one seen."""

    search = fields.String(load_default="", validate=_NO_NUL)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, LARGEST_PAGE))
    after = fields.String(validate=_NO_NUL)


class AccountSchema(Schema):
    """A company with the people who were active lately, and their roles."""

    key, name = fields.String(), fields.String()
    score = Points()
    people, active = fields.Integer(), fields.Integer()
    roles = fields.List(fields.String())


class FeedQuery(Page):
    """Which activities; those that came behind the ``id`` of ``after``."""

    connection = fields.String(load_default="", validate=_NO_NUL)
    kind = fields.String(load_default="", validate=_NO_NUL)
    contact = fields.String(load_default="", validate=_NO_NUL)


class EarnedSchema(Schema):
    """What a rule gave for it."""

    rule = fields.String()
    points = Points()


class ArrivalSchema(Schema):
    """An activity as it came."""

    id = fields.Integer()
    contact, activity, kind = (fields.String() for _ in range(3))
    occurred_at, heard_at = Moment(), Moment()
    earned = fields.List(fields.Nested(EarnedSchema))


def people(runtime: Runtime) -> Blueprint:
    """``/contacts``, ``/accounts`` and ``/feed``."""
    blueprint = Blueprint("people_api", __name__, description="Whom to look at.")

    @blueprint.route("/contacts")
    @blueprint.arguments(PriorityQuery, location="query")
    @blueprint.response(200, PrioritySchema(many=True))
    @blueprint.alt_response(404, schema=Problem, description="There is no such band or place.")
    @needs("viewer")
    def contacts(given: dict[str, Any]) -> list[dict[str, Any]]:
        """Identified persons: the best band first, then the score, then the lately active."""
        found = priorities(
            runtime.engine,
            given["lang"],
            given.get("band"),
            given["limit"],
            given.get("after"),
            given["search"],
        )
        return [_public(one) for one in found]

    @blueprint.route("/accounts")
    @blueprint.arguments(AccountsQuery, location="query")
    @blueprint.response(200, AccountSchema(many=True))
    @needs("viewer")
    def accounts(given: dict[str, Any]) -> Any:
        """Companies by the score of all their people, as the worker last ranked them."""
        return ranked_accounts(runtime.engine, given.get("after"), given["limit"], given["search"])

    @blueprint.route("/feed")
    @blueprint.arguments(FeedQuery, location="query")
    @blueprint.response(200, ArrivalSchema(many=True))
    @blueprint.alt_response(404, schema=Problem, description="Nothing is known of the contact.")
    @needs("viewer")
    def feed(given: dict[str, Any]) -> list[dict[str, Any]]:
        """The newest activities, newest first, with what each earned."""
        wanted = Wanted(given["connection"], given["kind"], given["contact"])
        found = newest_activities(
            runtime.engine, runtime.vault, wanted, given["after"], given["limit"]
        )
        return [
            {
                "id": one.arrival.id,
                "contact": one.address,
                "activity": one.activity.id,
                "kind": one.activity.kind,
                "occurred_at": one.activity.occurred_at,
                "heard_at": one.arrival.heard_at,
                "earned": one.lines,
            }
            for one in found
        ]

    return blueprint


def _public(one: Priority) -> dict[str, Any]:
    score, who = one.contact.score, one.identity
    own = ("score", "fit", "engagement", "band", "grade", "last_active")
    return {
        "contact": one.contact.address,
        "others": one.others,
        "name": who.name,
        "email": who.email,
        "company": who.company,
        "place": place_of(one.contact),
        **{name: getattr(score, name) for name in own},
        "interest": one.interest,
        "reasons": [reason.sentence for reason in one.reasons],
    }
