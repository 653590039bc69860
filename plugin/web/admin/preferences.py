"""How this installation is set, and where each setting is changed."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext as _

from plugin.config import SETTINGS
from plugin.services.consent_in_force import consent_in_force

from .access import needs
from .languages import language
from .running import running

blueprint = Blueprint("preferences", __name__, url_prefix="/admin/settings")


@blueprint.get("/")
@needs("admin")
def index() -> str:
    here = running()
    rows = [
        (one, one.help[language()], _shown(getattr(here.config, one.name), one.secret))
        for one in SETTINGS
    ]
    consent = consent_in_force(here.engine)
    return render_template("preferences/index.html", rows=rows, consent=consent, config=here.config)


def _shown(value: object, secret: bool) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if secret:
        return "••••••" if value else ""
    return str(value)
