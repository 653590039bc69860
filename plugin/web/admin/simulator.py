"""The simulator: what would an activity bring somebody? Nothing is stored."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, request

from connectors.activity import Reading
from plugin.runtime import Runtime
from plugin.services.explain import UnknownContact
from plugin.services.feed import card_in_force, connection_names
from plugin.services.simulate import (
    NothingToSimulate,
    Simulation,
    one_activity,
    read_payload,
    simulate,
)
from plugin.storage.connections import UnknownConnection

from .access import needs
from .activities import KINDS
from .bands import shade, shades
from .languages import language
from .platforms import says
from .running import running

_LONGEST = 200_000


blueprint = Blueprint("simulator", __name__, url_prefix="/admin/simulator")


def _page(found: Simulation | None = None, trouble: str = "") -> str:
    known = shades(card_in_force(running().engine))
    return render_template(
        "simulator/show.html",
        found=found,
        trouble=trouble,
        given=request.values,
        kinds=KINDS,
        connections=connection_names(running().engine),
        shade=partial(shade, known),
        say=says(running()),
    )


@blueprint.get("")
@needs("marketer")
def show() -> str:
    return _page()


@blueprint.post("")
@needs("marketer")
def run() -> str | tuple[str, int]:
    here = running()
    address, now = request.form.get("contact", "").strip(), here.clock()
    try:
        told = _told(here)
        return _page(simulate(here.engine, here.vault, address, told, now, language()))
    except UnknownContact:
        return _page(trouble="contact"), 422
    except UnknownConnection:
        return _page(trouble="connection"), 422
    except NothingToSimulate:
        return _page(trouble="payload"), 422


def _told(runtime: Runtime) -> Reading:
    payload = request.form.get("payload", "").strip()[:_LONGEST]
    if payload:
        given = (runtime.engine, runtime.vault, runtime.manifest.connector)
        return read_payload(*given, request.form.get("connection", ""), payload.encode())
    kind, about = request.form.get("kind", ""), request.form.get("about", "").strip()
    return one_activity(kind, about, runtime.clock()) if kind in KINDS else Reading()
