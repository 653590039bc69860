"""Users: who may come in, invited by a link, with which role."""

from __future__ import annotations

from collections.abc import Callable

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
from .users import EMAIL_RULES


def people(runtime: Runtime) -> Blueprint:
    """``/admin/users``: list, invite, change, let out."""
    blueprint = Blueprint("people", __name__, url_prefix="/admin/users")
    roles, engine, clock = runtime.manifest.roles, runtime.engine, runtime.clock

    def listed(link: str = "", to: str = "", **more: str) -> str:
        found = everybody(engine, clock())
        return render_template(
            "people/index.html", found=found, roles=roles, link=link, to=to, **more
        )

    def changed(change: Callable[[], None]) -> Response:
        try:
            change()
        except UnknownUser:
            abort(404)
        except LastAdmin:
            flash(_("The last administrator stays one: make somebody else one first."), "error")
        else:
            flash(_("Saved."), "success")
        return redirect(url_for("people.index"), 303)

    @blueprint.get("/")
    @needs("admin")
    def index() -> str:
        return listed()

    @blueprint.post("/invite")
    @needs("admin")
    def ask() -> str | tuple[str, int]:
        role = request.form.get("role", "")
        if role not in roles:
            abort(400)
        typed = request.form.get("email", "")
        try:
            email = validate_email(typed, **EMAIL_RULES).normalized.lower()
            token = invite(engine, email, role, who(), current_user.id, clock())
        except EmailNotValidError:
            error = _("Give an address such as name@example.org.")
            return listed(error=error, typed=typed), 422
        except UserExists:
            error = _("Somebody with this address is a user already.")
            return listed(error=error, typed=typed), 422
        return listed(_link(runtime, token), email)

    @blueprint.post("/uninvite")
    @needs("admin")
    def unask() -> Response:
        email = request.form.get("email", "")
        return changed(lambda: withdraw(engine, email, who(), clock()))

    @blueprint.post("/<int:number>/role")
    @needs("admin")
    def role(number: int) -> Response:
        wanted = request.form.get("role", "")
        if wanted not in roles:
            abort(400)
        return changed(lambda: change_role(engine, number, wanted, roles[-1], who(), clock()))

    @blueprint.post("/<int:number>/active")
    @needs("admin")
    def active(number: int) -> Response:
        wanted = request.form.get("active") == "1"
        return changed(lambda: set_active(engine, number, wanted, roles[-1], who(), clock()))

    @blueprint.post("/<int:number>/second-factor")
    @needs("admin")
    def second_factor(number: int) -> Response:
        return changed(lambda: drop_second_factor(engine, number, who(), clock()))

    @blueprint.post("/<int:number>/password")
    @needs("admin")
    def password(number: int) -> str:
        try:
            token = invite_back(engine, number, who(), current_user.id, clock())
        except LookupError:
            abort(404)
        return listed(_link(runtime, token))

    return blueprint


def _link(runtime: Runtime, token: str) -> str:
    base = runtime.config.public_url.rstrip("/") or request.host_url.rstrip("/")
    return base + url_for("joining.join", token=token)
