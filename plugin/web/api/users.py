"""Users: who may come in. They are looked after by people, on the pages."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from plugin.runtime import Runtime
from plugin.services.manage_users import everybody
from plugin.web.admin.access import needs

from .shapes import Blueprint, Moment

users = Blueprint("users_api", __name__, description="Who may come in.")


class UserSchema(Schema):
    """A user, without anything secret."""

    id = fields.Integer()
    email, name, role = (fields.String() for _ in range(3))
    active = fields.Boolean()
    second_factor = fields.Function(
        lambda user: user.totp is not None, metadata={"type": "boolean"}
    )
    created_at, last_login_at = Moment(), Moment(allow_none=True)


class InvitationSchema(Schema):
    """Somebody who was invited and did not come yet."""

    email = fields.String(allow_none=True)
    role = fields.String()
    expires_at = Moment()


class EverybodySchema(Schema):
    """All users, and those who are invited."""

    users = fields.List(fields.Nested(UserSchema))
    invited = fields.List(fields.Nested(InvitationSchema))


@users.route("/users")
@users.response(200, EverybodySchema)
@needs("admin")
def every(runtime: Runtime) -> Any:
    """Who may come in, and who is invited."""
    return everybody(runtime.engine, runtime.clock())
