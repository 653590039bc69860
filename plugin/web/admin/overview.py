"""The front page."""

from __future__ import annotations

from flask import Blueprint, render_template

from plugin.services.overview import overview as look

from .access import needs
from .labels import labels
from .running import running

blueprint = Blueprint("overview", __name__, url_prefix="/admin")


@blueprint.get("/")
@needs("viewer")
def show() -> str:
    here = running()
    limit = here.config.backlog_limit
    found = look(here.engine, here.inbox, limit, here.clock())
    names = {band.id: labels(band.labels, band.id) for band, _ in found.bands}
    return render_template("overview/show.html", found=found, names=names)
