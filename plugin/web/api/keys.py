"""API keys: which there are, and ending one. People make them: no key makes another."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields
from werkzeug.exceptions import NotFound

from plugin.runtime import Runtime
from plugin.services.api_keys import every_key, revoke_key
from plugin.web.admin.access import needs, who

from .shapes import Blueprint, Moment, Problem

keys = Blueprint("keys_api", __name__, description="How programs come in.")


class KeySchema(Schema):
    """A key by its beginning, ended ones too; ``null`` where it never was, or never ends."""

    id = fields.Integer()
    start, name, scope, created_by = (fields.String() for _ in range(4))
    created_at = Moment()
    expires_at, last_used_at, revoked_at = (Moment(allow_none=True) for _ in range(3))


@keys.route("/keys")
@keys.response(200, KeySchema(many=True))
@needs("admin")
def every(runtime: Runtime) -> Any:
    """All keys, the newest first."""
    return every_key(runtime.engine)


@keys.route("/keys/<int:number>", methods=["DELETE"])
@keys.response(204)
@keys.alt_response(404, schema=Problem, description="There is no such key, or it has ended.")
@needs("admin")
def revoke(runtime: Runtime, number: int) -> None:
    """End a key at once."""
    if not revoke_key(runtime.engine, number, who(), runtime.clock()):
        raise NotFound("there is no such key, or it was ended before")
