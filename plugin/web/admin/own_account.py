"""One's own account: name, language, time zone, password, second factor, sessions."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_security import logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length

from plugin.services.manage_users import change_own, end_sessions

from .access import needs, who
from .languages import NAMES, ZONE, language
from .running import running

_ZONES = sorted(one for one in available_timezones() if "/" in one and not one.startswith("Etc/"))


class AccountForm(FlaskForm):
    """What one may change of oneself."""

    name = StringField(_l("Name"), [InputRequired(_l("Give your name.")), Length(max=100)])
    language = SelectField(
        _l("Language"), choices=[SelectChoice(code, name) for code, name in NAMES.items()]
    )
    timezone = SelectField(
        _l("Time zone"), choices=[SelectChoice(one, one) for one in ("UTC", *_ZONES)]
    )


blueprint = Blueprint("account", __name__, url_prefix="/admin/account")


@blueprint.route("", methods=["GET", "POST"])
@needs("viewer")
def show() -> str | Response:
    own = {"language": language(), "timezone": current_user.timezone or ZONE}
    form = AccountForm(data={"name": current_user.name, **own})
    if form.validate_on_submit():
        names = ("name", "language", "timezone")
        change_own(running().engine, current_user.id, {one: form[one].data for one in names})
        flash(_("Saved."), "success")
        return redirect(url_for("account.show"), 303)
    return render_template("account/show.html", form=form)


@blueprint.post("/sessions")
@needs("viewer")
def sign_out_everywhere() -> Response:
    end_sessions(running().engine, current_user.id, who(), running().clock())
    logout_user()
    flash(_("You are signed out everywhere."), "success")
    return redirect(url_for("security.login"), 303)
