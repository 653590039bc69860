"""What contacts that were won teach about points; a person decides on each row."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import orjson
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from plugin.learning.question import NoReason
from plugin.runtime import Runtime
from plugin.scoring.durations import parse_duration
from plugin.scoring.problems import ScorecardError
from plugin.services.cards import checked, in_force
from plugin.services.draft_learned import begin_learned
from plugin.services.drift import newest_drift
from plugin.services.runs import HORIZON, ask_proposal, newest_run, result_of, stop_run
from plugin.storage.runs import PROPOSAL, UNDER_WAY

from .access import needs
from .learned import TRAITS, grouped_leaks, has_moved, names, present_points
from .running import running

#: Characters of a reason, as many as its field takes.
_REASON = 500
HORIZONS = ("30d", "60d", "90d", "180d")


blueprint = Blueprint("learning", __name__, url_prefix="/admin/learning")


@blueprint.get("/")
@needs("marketer")
def show() -> str:
    here = running()
    drift = newest_drift(here.engine)
    return render_template("learning/show.html", drift=drift, **_told(here))


@blueprint.get("/status")
@needs("marketer")
def status() -> str:
    return render_template("learning/status.html", **_told(running()))


@blueprint.post("/")
@needs("marketer")
def propose() -> AnyResponse:
    horizon = request.form.get("horizon", HORIZON)
    horizon = horizon if horizon in HORIZONS else HORIZON
    # Rules that look at the same are one question, with one box.
    allowed = " ".join(request.form.getlist("allow")).split()
    here = running()
    try:
        ask_proposal(
            here.engine,
            parse_duration(horizon),
            allowed,
            current_user.email,
            here.clock(),
            protected=request.form.getlist("protect"),
            reason=request.form.get("reason", "")[:_REASON],
        )
    except NoReason:
        flash(_("Protected fields are used for a written reason only: say why."), "error")
    return redirect(url_for("learning.show"))


@blueprint.post("/stop")
@needs("marketer")
def stop() -> AnyResponse:
    here = running()
    run = newest_run(here.engine, PROPOSAL)
    if run is not None:
        stop_run(here.engine, run.id, here.clock())
    return redirect(url_for("learning.show"))


@blueprint.post("/draft")
@needs("marketer")
def decide() -> AnyResponse:
    here = running()
    found = _told(here)["found"]
    if not found or found["form"] == "none":
        abort(404)
    rows = [row["id"] for row in found["rows"]]
    accepted = [id for id in rows if request.form.get(f"{id}.decision") == "accept"]
    points = {id: request.form.get(f"{id}.points", type=int) for id in accepted}
    given = {id: one for id, one in points.items() if one is not None}
    name, who, now = _("Learned"), current_user.email, here.clock()
    try:
        number = begin_learned(here.engine, name, found, accepted, given, who, now)
    except ScorecardError as error:
        flash(_("No scorecard would come of it: %(why)s", why=error.problems[0]), "error")
        return redirect(url_for("learning.show"))
    flash(_("This is a draft: rehearse it before you publish it."), "success")
    return redirect(url_for("drafts.show", number=number))


def _told(runtime: Runtime) -> dict[str, Any]:
    run = newest_run(runtime.engine, PROPOSAL)
    found = result_of(run)
    card = checked(in_force(runtime.engine).source).data
    return {
        "run": run,
        "found": found,
        "names": names(found) if found else {},
        "present": present_points(found, card) if found else {},
        "leaks": grouped_leaks(found) if found else [],
        "moved": has_moved(found) if found else False,
        "traits": TRAITS,
        "under_way": bool(run and run.state in UNDER_WAY),
        "available": find_spec("sklearn") is not None,
        "horizons": HORIZONS,
        "asked": orjson.loads(run.asked) if run else {"horizon": HORIZON},
    }
