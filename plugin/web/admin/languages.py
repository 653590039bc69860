"""In which language and time zone a page is shown."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Flask, abort, redirect, request, session
from flask_babel import Babel, get_locale
from flask_login import current_user
from flask_security.utils import validate_redirect_url
from werkzeug.wrappers import Response

from plugin.services.users import change_user

from .running import running

#: Each language by its own name.
NAMES = {"en": "English", "fr": "Français"}
_LOCALE = Path(__file__).parents[2] / "locale"
#: Where most readers are.
ZONE = "Europe/Paris"


def init_languages(app: Flask) -> None:
    """Translate pages: by the user's choice, else by what the browser asks for."""
    Babel(
        app,
        default_translation_directories=str(_LOCALE),
        default_timezone=ZONE,
        locale_selector=_language,
        timezone_selector=_zone,
    )
    app.jinja_env.globals.update(languages=NAMES, language=language)


def language() -> str:
    """The language of this page: ``en`` or ``fr``."""
    locale = get_locale()
    return "en" if locale is None else str(locale.language)


blueprint = Blueprint("languages", __name__, url_prefix="/admin")


@blueprint.post("/language")
def choose() -> Response:
    chosen, back = request.form.get("language", ""), request.form.get("next", "")
    if chosen not in NAMES:
        abort(400)
    session["language"] = chosen
    if current_user.is_authenticated:
        change_user(running().engine, current_user.id, {"language": chosen})
    return redirect(back if validate_redirect_url(back) else "/admin/")


def _language() -> str | None:
    known = getattr(current_user, "language", None) or session.get("language")
    return known or request.accept_languages.best_match(NAMES, "en")


def _zone() -> str:
    return getattr(current_user, "timezone", None) or ZONE
