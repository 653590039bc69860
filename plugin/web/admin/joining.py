"""Becoming a user by a link: the first admin, and whoever was invited."""

from __future__ import annotations

from email_validator import EmailNotValidError, validate_email
from flask import Blueprint, abort, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_security import hash_password, login_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from plugin.runtime import Runtime
from plugin.services.invitations import InvalidInvitation, UserExists, accept, invited
from plugin.services.users import find_user

from .passwords import password_problems
from .running import running
from .users import EMAIL_RULES, Users


class JoinForm(FlaskForm):
    """Name and password; the address only of the first admin."""

    email = EmailField(
        _l("E-mail address"), [InputRequired(_l("Give your e-mail address.")), Length(max=200)]
    )
    name = StringField(_l("Name"), [InputRequired(_l("Give your name.")), Length(max=100)])
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Choose a password.")), Length(max=200)]
    )
    again = PasswordField(
        _l("Password again"), [EqualTo("password", _l("The two passwords differ."))]
    )

    def validate_email(self, field: EmailField) -> None:
        """An address as the login will understand it."""
        try:
            found = validate_email(str(field.data), **EMAIL_RULES)
        except EmailNotValidError:
            raise ValidationError(_("Give an address such as name@example.org.")) from None
        field.data = found.normalized.lower()


blueprint = Blueprint("joining", __name__, url_prefix="/admin")


@blueprint.route("/join/<token>", methods=["GET", "POST"])
def join(token: str) -> str | Response | tuple[str, int]:
    here = running()
    try:
        invitation = invited(here.engine, token, here.clock())
    except InvalidInvitation:
        return render_template("joining/stale.html"), 404
    form, known = JoinForm(), None
    if invitation.email is not None:
        del form.email
        known = find_user(here.engine, "email", invitation.email)
    if known is not None:
        del form.name
    if form.validate_on_submit() and _join(here, token, form, invitation.email):
        return redirect(url_for("overview.show"))
    return render_template("joining/join.html", form=form, invitation=invitation, known=known)


def _join(runtime: Runtime, token: str, form: JoinForm, invited_as: str | None) -> bool:
    email = invited_as or str(form.email.data)
    name = str(form.name.data).strip() if form.name else ""
    if problems := password_problems(form.password.data or "", email):
        form.password.errors = problems
        return False
    try:
        hashed = hash_password(form.password.data)
        number = accept(runtime.engine, token, email, name, hashed, runtime.clock())
    except InvalidInvitation:
        abort(404)
    except UserExists:
        form.form_errors.append(_("Somebody with this address is a user already: sign in instead."))
        return False
    user = Users(runtime.engine).find_user(id=number)
    # A link must not stand in for the second factor.
    if user is not None and not user.tf_totp_secret:
        login_user(user)
    return True
