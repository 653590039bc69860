"""How this installation is set, and where each setting is changed."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext as _

from plugin.config import SETTINGS
from plugin.runtime import Runtime
from plugin.services.consent_in_force import consent_in_force

from .access import needs
from .languages import language


def preferences(runtime: Runtime) -> Blueprint:
    """``/admin/settings``: read only, for settings come from the file and the environment."""
    blueprint = Blueprint("preferences", __name__, url_prefix="/admin/settings")

    @blueprint.get("/")
    @needs("admin")
    def index() -> str:
        rows = [
            (one, one.help[language()], _shown(getattr(runtime.config, one.name), one.secret))
            for one in SETTINGS
        ]
        consent = consent_in_force(runtime.engine)
        return render_template(
            "preferences/index.html", rows=rows, consent=consent, config=runtime.config
        )

    return blueprint


def _shown(value: object, secret: bool) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if secret:
        return "••••••" if value else ""
    return str(value)
