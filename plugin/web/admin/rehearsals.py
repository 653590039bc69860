"""What publishing a draft would change: asked for, watched, read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from plugin.runtime import Runtime
from plugin.scoring.sentences import action_text
from plugin.services.cards import checked, in_force
from plugin.services.runs import ask_rehearsal, newest_run, result_of, stop_run
from plugin.storage.drafts import Draft
from plugin.storage.runs import REHEARSAL, UNDER_WAY, Run

from .access import needs
from .card_view import shown
from .drafts import found_draft
from .languages import language
from .running import running

WEEKS = (4, 8, 13, 26)


blueprint = Blueprint(
    "rehearsals", __name__, url_prefix="/admin/scorecard/drafts/<int:number>/rehearsal"
)


@blueprint.get("/")
@needs("marketer")
def show(number: int) -> str:
    return render_template("rehearsals/show.html", **_told(running(), number))


@blueprint.get("/status")
@needs("marketer")
def status(number: int) -> str:
    return render_template("rehearsals/status.html", **_told(running(), number))


@blueprint.post("/")
@needs("marketer")
def ask(number: int) -> AnyResponse:
    here = running()
    draft = found_draft(here, number)
    weeks = request.form.get("weeks", 8, type=int)
    weeks = weeks if weeks in WEEKS else 8
    who, now = current_user.email, here.clock()
    ask_rehearsal(here.engine, number, draft.revision, weeks, who, now)
    return redirect(url_for("rehearsals.show", number=number))


@blueprint.post("/stop")
@needs("marketer")
def stop(number: int) -> AnyResponse:
    here = running()
    run = newest_run(here.engine, REHEARSAL, str(number))
    if run is not None:
        stop_run(here.engine, run.id, here.clock())
    return redirect(url_for("rehearsals.show", number=number))


def _told(runtime: Runtime, number: int) -> dict[str, Any]:
    draft = found_draft(runtime, number)
    run = newest_run(runtime.engine, REHEARSAL, str(number))
    names = _names(runtime, draft, run)
    found = result_of(run)
    if found:
        _worded(found, names)
    return {
        "draft": draft,
        "run": run,
        "under_way": bool(run and run.state in UNDER_WAY),
        "found": found,
        "stale": bool(found and found["revision"] != draft.revision),
        "names": names,
        "weeks": WEEKS,
    }


def _worded(found: dict[str, Any], names: dict[str, str]) -> None:
    """Actions and weeks as people read them, and both sides of each band together."""
    for one in found["actions"]:
        given = {"within": one["object"]} if one["action"] == "call" else one["object"]
        one["told"] = action_text({one["action"]: given}, language())
        one["because"] = _because(one["occasion"], names)
    for one in found["calls_per_week"]:
        one["day"] = datetime.fromisoformat(one["week"]).replace(hour=12, tzinfo=UTC)
    sides = {
        side: {one["band"]: one for one in found["outcomes"][side]} for side in ("live", "draft")
    }
    none = {"reached": 0, "won": 0}
    found["precision"] = [
        {"band": band, **{side: sides[side].get(band, none) for side in sides}}
        for band in names
        if any(band in sides[side] for side in sides)
    ]


def _because(occasion: str, names: dict[str, str]) -> str:
    what, _colon, name = occasion.partition(":")
    shown = names.get(name, name)
    match what:
        case "rise":
            return str(_("entering “%(band)s” from below", band=shown))
        case "fall":
            return str(_("falling into “%(band)s”", band=shown))
        case _:
            return str(_("the rule “%(rule)s”", rule=name))


def _names(runtime: Runtime, draft: Draft, run: Run | None) -> dict[str, str]:
    """Labels of the bands of both scorecards."""
    if run is None:
        return {}
    texts = (in_force(runtime.engine).source, draft.source)
    return {band.id: band.label for text in texts for band in shown(checked(text).data).bands}
