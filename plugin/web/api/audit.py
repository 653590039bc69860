"""Who changed what, and when."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from plugin.runtime import Runtime
from plugin.services.audit import trail
from plugin.web.admin.access import needs

from .shapes import LARGEST_PAGE, Blueprint, Moment, Number, Text

audit = Blueprint("audit_api", __name__, description="Who changed what.")


class AuditQuery(Schema):
    """Which changes: ``after`` is the ``id`` of the last one seen."""

    who, what = Text(), Text()
    limit = fields.Integer(load_default=50, validate=validate.Range(1, LARGEST_PAGE))
    after = Number()


class AuditLineSchema(Schema):
    """One change; longer texts are told by their digest."""

    id = fields.Integer()
    at = Moment()
    who, what, object = (fields.String() for _ in range(3))
    before, after = fields.String(allow_none=True), fields.String(allow_none=True)


@audit.route("/audit")
@audit.arguments(AuditQuery, location="query")
@audit.response(200, AuditLineSchema(many=True))
@needs("admin")
def listed(runtime: Runtime, given: dict[str, Any]) -> Any:
    """What was changed by whom, the newest first."""
    found = {name: given.get(name) for name in ("who", "what")}
    return trail(runtime.engine, **found, before_id=given.get("after"), limit=given["limit"])
