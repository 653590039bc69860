"""What contacts do, and how it came to us, as pages name it."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l

from connectors.activity import Activity

KINDS: dict[str, Any] = {
    "form_submitted": _l("Form submitted"),
    "page_viewed": _l("Page viewed"),
    "email_sent": _l("E-mail sent"),
    "email_opened": _l("E-mail opened"),
    "email_clicked": _l("Link in an e-mail clicked"),
    "asset_downloaded": _l("File downloaded"),
    "survey_answered": _l("Survey answered"),
    "social_engaged": _l("Engaged on a social network"),
    "unsubscribed": _l("Unsubscribed"),
    "bounced": _l("E-mail came back"),
    "contact_identified": _l("Became known"),
    "outcome_recorded": _l("Outcome recorded"),
}
_ORIGINS = {
    "webhook": _l("told by the platform, signature checked"),
    "poll": _l("read from the platform"),
    "import": _l("imported"),
}


def init_activities(app: Flask) -> None:
    """Add the filters ``kind``, ``about`` and ``origin``."""
    app.jinja_env.filters.update(kind=_kind, about=_about, origin=_origin)


def _kind(name: str) -> str:
    return str(KINDS.get(name, name.removeprefix("custom.").replace("_", " ")))


def _about(activity: Activity) -> str:
    """What it was about: its name, else its address."""
    about = activity.subject
    return about.name or about.url or about.id or ""


def _origin(activity: Activity) -> str:
    return str(_ORIGINS[activity.origin.value])
