"""What contacts that were won teach about points; a person decides on each row."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import orjson
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from plugin.runtime import Runtime
from plugin.scoring.durations import parse_duration
from plugin.scoring.problems import ScorecardError
from plugin.services.cards import checked, in_force
from plugin.services.draft_learned import draft
from plugin.services.drafts import begin
from plugin.services.runs import HORIZON, ask_proposal, newest_run, stop_run
from plugin.storage.runs import DONE, PROPOSAL, UNDER_WAY

from .access import needs
from .card_view import parts_in
from .labels import labels

_GIVEN = frozenset({"id", "label", "points", "limit", "decay", "on", "sensitive", "interest"})
_HORIZONS = ("30d", "60d", "90d", "180d")


def learning(runtime: Runtime) -> Blueprint:
    """``/admin/learning/``."""
    blueprint = Blueprint("learning", __name__, url_prefix="/admin/learning")
    engine = runtime.engine

    @blueprint.get("/")
    @needs("marketer")
    def show() -> str:
        return render_template("learning/show.html", **_told(runtime))

    @blueprint.get("/status")
    @needs("marketer")
    def status() -> str:
        return render_template("learning/status.html", **_told(runtime))

    @blueprint.post("/")
    @needs("marketer")
    def propose() -> AnyResponse:
        horizon = request.form.get("horizon", HORIZON)
        horizon = horizon if horizon in _HORIZONS else HORIZON
        allowed = request.form.getlist("allow")
        now = runtime.clock()
        ask_proposal(engine, parse_duration(horizon), allowed, current_user.email, now)
        return redirect(url_for("learning.show"))

    @blueprint.post("/stop")
    @needs("marketer")
    def stop() -> AnyResponse:
        run = newest_run(engine, PROPOSAL)
        if run is not None:
            stop_run(engine, run.id, runtime.clock())
        return redirect(url_for("learning.show"))

    @blueprint.post("/draft")
    @needs("marketer")
    def decide() -> AnyResponse:
        found = _told(runtime)["found"]
        if not found or found["form"] == "none":
            abort(404)
        rows = [row["id"] for row in found["rows"]]
        refused = [id for id in rows if request.form.get(f"{id}.decision") != "accept"]
        points = {id: request.form.get(f"{id}.points", type=int) for id in rows}
        given = {id: one for id, one in points.items() if one is not None and id not in refused}
        try:
            text = draft(in_force(engine).source, found, refused, given)
        except ScorecardError as error:
            flash(_("No scorecard would come of it: %(why)s", why=error.problems[0]), "error")
            return redirect(url_for("learning.show"))
        number = begin(engine, _("Learned"), text, current_user.email, runtime.clock())
        flash(_("This is a draft: rehearse it before you publish it."), "success")
        return redirect(url_for("drafts.show", number=number))

    return blueprint


def _told(runtime: Runtime) -> dict[str, Any]:
    run = newest_run(runtime.engine, PROPOSAL)
    found = orjson.loads(run.result) if run and run.state == DONE and run.result else None
    names = {id: labels(label, id) for id, label in found["labels"].items()} if found else {}
    return {
        "present": _present(runtime, found) if found else {},
        "chart": _chart(found) if found else {},
        "most_lift": max((one["lift"]["value"] for one in found["comparisons"]), default=1)
        if found
        else 1,
        "run": run,
        "found": found,
        "names": names,
        "under_way": bool(run and run.state in UNDER_WAY),
        "available": find_spec("sklearn") is not None,
        "horizons": _HORIZONS,
        "asked": orjson.loads(run.asked) if run else {"horizon": HORIZON, "allowed": []},
    }


def _present(runtime: Runtime, found: dict[str, Any]) -> dict[str, Any]:
    """Points that present rules give for the same as a row, by the row."""
    data = checked(in_force(runtime.engine).source).data
    rules = [rule for group in parts_in(data, "groups") for rule in parts_in(group, "rules")]
    return {
        row["id"]: sum(same)
        for row in found["rows"]
        if (same := [rule["points"] for rule in rules if _asks(rule) == _asks(row["rule"])])
    }


def _asks(rule: Mapping[str, Any]) -> dict[str, str]:
    """What a rule looks at, whatever it gives, how often, and how it fades."""
    return {key: str(rule[key]) for key in rule if key not in _GIVEN}


def _chart(found: dict[str, Any]) -> dict[str, Any]:
    volumes = sorted(found["volumes"], key=lambda one: one["contacts"])
    return {
        "contacts": [one["contacts"] for one in volumes],
        "won": [one["won"] for one in volumes],
        "reliability": [
            (round(10 + 200 * one["said"], 1), round(210 - 200 * one["won"], 1))
            for one in found.get("reliability", [])
        ],
    }
