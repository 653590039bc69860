"""API keys: how programs come in."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from plugin.services.api_keys import SCOPES, every_key, make_key, revoke_key

from .access import needs, who
from .running import running

#: For so many days; none is for good.
_DAYS = (30, 90, 365, None)
_LONGEST = 100


blueprint = Blueprint("keys", __name__, url_prefix="/admin/keys")


def _listed(token: str = "", error: str = "") -> str:
    found, now = every_key(running().engine), running().clock()
    return render_template(
        "keys/index.html",
        found=found,
        now=now,
        scopes=[*SCOPES],
        days=_DAYS,
        token=token,
        error=error,
    )


@blueprint.get("/")
@needs("admin")
def index() -> str:
    return _listed()


@blueprint.post("/")
@needs("admin")
def make() -> str | tuple[str, int]:
    name, scope = request.form.get("name", "").strip(), request.form.get("scope", "")
    lasts = {str(days or ""): days for days in _DAYS}
    wanted = request.form.get("days", "")
    if scope not in SCOPES or wanted not in lasts:
        abort(400)
    if not 0 < len(name) <= _LONGEST:
        return _listed(error=_("Name the program that will use the key.")), 422
    days, now = lasts[wanted], running().clock()
    expires_at = None if days is None else now + timedelta(days=days)
    return _listed(make_key(running().engine, name, scope, expires_at, who(), now))


@blueprint.post("/<int:number>/revoke")
@needs("admin")
def revoke(number: int) -> Response:
    if revoke_key(running().engine, number, who(), running().clock()):
        flash(_("The key does not work any more."), "success")
    return redirect(url_for("keys.index"), 303)
