"""The front page."""

from __future__ import annotations

from flask import Blueprint, render_template

from plugin.runtime import Runtime
from plugin.services.overview import overview as look

from .access import needs
from .labels import labels


def overview(runtime: Runtime) -> Blueprint:
    """``/admin/``: how things stand, and what needs somebody."""
    blueprint = Blueprint("overview", __name__, url_prefix="/admin")

    @blueprint.get("/")
    @needs("viewer")
    def show() -> str:
        limit = runtime.config.backlog_limit
        found = look(runtime.engine, runtime.inbox, limit, runtime.clock())
        names = {band.id: labels(band.labels, band.id) for band, _ in found.bands}
        return render_template("overview/show.html", found=found, names=names)

    return blueprint
