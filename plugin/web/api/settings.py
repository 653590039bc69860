"""How this installation is set; files and the environment change it."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from plugin.config import SETTINGS
from plugin.runtime import Runtime
from plugin.services.consent_in_force import consent_in_force
from plugin.web.admin.access import needs

from .shapes import Blueprint

settings = Blueprint("settings_api", __name__, description="How this installation is set.")


class SettingSchema(Schema):
    """A setting; of a secret one only whether it is ``set``."""

    name, value, help = fields.String(), fields.String(allow_none=True), fields.String()
    set = fields.Boolean()


class SettingsSchema(Schema):
    """Every setting, and the signals that count only with consent."""

    settings = fields.List(fields.Nested(SettingSchema))
    consent = fields.List(fields.String())


@settings.route("/settings")
@settings.response(200, SettingsSchema)
@needs("admin")
def show(runtime: Runtime) -> dict[str, Any]:
    """Settings as they are, and the consent that the scorecard in force asks for."""
    given = {one.name: getattr(runtime.config, one.name) for one in SETTINGS}
    return {
        "settings": [
            {
                "name": one.name,
                "value": None if one.secret else given[one.name],
                "help": one.help["en"],
                "set": given[one.name] not in ("", None),
            }
            for one in SETTINGS
        ],
        "consent": consent_in_force(runtime.engine),
    }
