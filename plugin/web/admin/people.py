"""Users: who may come in, invited by a link, with which role."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from email_validator import EmailNotValidError, validate_email
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from plugin.runtime import Runtime
from plugin.services.invitations import UserExists, invite, invite_back, withdraw
from plugin.services.manage_users import (
    LastAdmin,
    UnknownUser,
    change_role,
    drop_second_factor,
    everybody,
    set_active,
)

from .access import needs, who
from .running import running
from .users import EMAIL_RULES

blueprint = Blueprint("people", __name__, url_prefix="/admin/users")


@blueprint.get("/")
@needs("admin")
def index() -> str:
    return _listed()


@blueprint.post("/invite")
@needs("admin")
def ask() -> str | tuple[str, int]:
    here = running()
    role = request.form.get("role", "")
    if role not in here.manifest.roles:
        abort(400)
    typed = request.form.get("email", "")
    try:
        email = validate_email(typed, **EMAIL_RULES).normalized.lower()
        token = invite(here.engine, email, role, who(), current_user.id, here.clock())
    except EmailNotValidError:
        error = _("Give an address such as name@example.org.")
        return _listed(error=error, typed=typed), 422
    except UserExists:
        error = _("Somebody with this address is a user already.")
        return _listed(error=error, typed=typed), 422
    return _listed(_link(here, token), email)


@blueprint.post("/uninvite")
@needs("admin")
def unask() -> Response:
    email = request.form.get("email", "")
    return _changed(partial(withdraw, running().engine, email))


@blueprint.post("/<int:number>/role")
@needs("admin")
def role(number: int) -> Response:
    wanted = request.form.get("role", "")
    if wanted not in running().manifest.roles:
        abort(400)
    return _changed(partial(change_role, running().engine, number, wanted, _highest()))


@blueprint.post("/<int:number>/active")
@needs("admin")
def active(number: int) -> Response:
    wanted = request.form.get("active") == "1"
    return _changed(partial(set_active, running().engine, number, wanted, _highest()))


@blueprint.post("/<int:number>/second-factor")
@needs("admin")
def second_factor(number: int) -> Response:
    return _changed(partial(drop_second_factor, running().engine, number))


@blueprint.post("/<int:number>/password")
@needs("admin")
def password(number: int) -> str:
    here = running()
    try:
        token = invite_back(here.engine, number, who(), current_user.id, here.clock())
    except LookupError:
        abort(404)
    return _listed(_link(here, token))


def _listed(link: str = "", to: str = "", **more: str) -> str:
    here = running()
    found = everybody(here.engine, here.clock())
    return render_template(
        "people/index.html", found=found, roles=here.manifest.roles, link=link, to=to, **more
    )


def _changed(change: Callable[[str, datetime], None]) -> Response:
    try:
        change(who(), running().clock())
    except UnknownUser:
        abort(404)
    except LastAdmin:
        flash(_("The last administrator stays one: make somebody else one first."), "error")
    else:
        flash(_("Saved."), "success")
    return redirect(url_for("people.index"), 303)


def _highest() -> str:
    return running().manifest.roles[-1]


def _link(runtime: Runtime, token: str) -> str:
    base = runtime.config.public_url.rstrip("/") or request.host_url.rstrip("/")
    return base + url_for("joining.join", token=token)
