"""Companies by the score of all their people."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate
from werkzeug.exceptions import NotFound

from plugin.runtime import Runtime
from plugin.services.accounts import Member, ranked_accounts, team
from plugin.web.admin.access import needs

from .shapes import LARGEST_PAGE, Blueprint, Moment, Points, Problem, Text

accounts = Blueprint("accounts_api", __name__, description="Companies and their people.")


class AccountsQuery(Schema):
    """Which companies: ``after`` is the ``key`` of the last one seen."""

    search = Text(load_default="")
    limit = fields.Integer(load_default=50, validate=validate.Range(1, LARGEST_PAGE))
    after = Text()


class AccountSchema(Schema):
    """A company with the people who were active lately, and their roles."""

    key, name = fields.String(), fields.String()
    score = Points()
    people, active = fields.Integer(), fields.Integer()
    roles = fields.List(fields.String())


class TeamQuery(Schema):
    """Whose people: the ``key`` of a company."""

    key = Text(required=True)


class MemberSchema(Schema):
    """Somebody of the company; ``role`` is the level of the job, ``others`` are contacts that are
    the same person in other connections."""

    contact, name, email, band, grade = (fields.String() for _ in range(5))
    others = fields.List(fields.String())
    role = fields.String(allow_none=True)
    score, fit, engagement = Points(), Points(), Points()
    last_active = Moment(allow_none=True)


@accounts.route("/accounts")
@accounts.arguments(AccountsQuery, location="query")
@accounts.response(200, AccountSchema(many=True))
@needs("viewer")
def ranking(runtime: Runtime, given: dict[str, Any]) -> Any:
    """Companies by the score of all their people, as the worker last ranked them."""
    return ranked_accounts(runtime.engine, given.get("after"), given["limit"], given["search"])


@accounts.route("/accounts/people")
@accounts.arguments(TeamQuery, location="query")
@accounts.response(200, MemberSchema(many=True))
@accounts.alt_response(404, schema=Problem, description="There is no such company.")
@needs("viewer")
def people(runtime: Runtime, given: dict[str, Any]) -> list[dict[str, Any]]:
    """The people of a company, the most engaged first, at most 200."""
    found = team(runtime.engine, given["key"])
    if found is None:
        raise NotFound("there is no company of that key: /accounts lists them")
    return [_public(one) for one in found.people]


def _public(one: Member) -> dict[str, Any]:
    own = ("score", "fit", "engagement", "band", "grade", "last_active")
    return {
        "contact": one.contact.address,
        "others": one.others,
        **{name: getattr(one.identity, name) for name in ("name", "email", "role")},
        **{name: getattr(one.contact.score, name) for name in own},
    }
