"""Who changed what, and when."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _l

from plugin.services.audit import trail

from .access import needs
from .running import running

_PAGE = 50
#: What each line says was done; a test looks that none is missing.
DEEDS = {
    "backfill.ordered": _l("Past of a connection ordered"),
    "connection.removed": _l("Connection removed"),
    "connection.saved": _l("Connection set"),
    "contact.forgotten": _l("Contact forgotten"),
    "dead_letters.replayed": _l("Unread items read again"),
    "draft.begun": _l("Draft begun"),
    "draft.changed": _l("Draft changed"),
    "draft.thrown_away": _l("Draft thrown away"),
    "key.made": _l("API key made"),
    "key.revoked": _l("API key ended"),
    "learning.protected_used": _l("Protected fields used for learning"),
    "outcomes.recorded": _l("Outcomes recorded from a table"),
    "scorecard.published": _l("Scorecard published"),
    "user.activated": _l("User let in again"),
    "user.bound": _l("First sign-in by the identity provider"),
    "user.deactivated": _l("User let out"),
    "user.invited": _l("User invited"),
    "user.joined": _l("User came in"),
    "user.password_changed": _l("New password chosen"),
    "user.password_link": _l("Link to a new password made"),
    "user.role_changed": _l("Role changed"),
    "user.second_factor_removed": _l("Second factor removed"),
    "user.sessions_ended": _l("Sessions ended"),
    "user.uninvited": _l("Invitation withdrawn"),
    "verdict.given": _l("Verdict of sales given"),
}


blueprint = Blueprint("audit", __name__, url_prefix="/admin/audit")


@blueprint.get("/")
@needs("admin")
def index() -> str:
    who, what = request.args.get("who", "").strip(), request.args.get("what", "")
    before = request.args.get("before", type=int)
    found = trail(
        running().engine, what=what or None, who=who or None, before_id=before, limit=_PAGE + 1
    )
    lines, more = found[:_PAGE], len(found) > _PAGE
    return render_template(
        "audit/index.html", lines=lines, more=more, deeds=DEEDS, who=who, what=what
    )
