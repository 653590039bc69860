"""The scorecard in force, its versions, what differs between them, and the way back."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from plugin.runtime import Runtime
from plugin.scoring.problems import ScorecardError
from plugin.services.cards import applied, checked, every_version, in_force
from plugin.services.publish import UnknownVersion, roll_back, version
from plugin.storage.scorecards import StoredScorecard

from .access import needs
from .card_view import shown
from .differing import differing
from .running import running

blueprint = Blueprint("scorecard", __name__, url_prefix="/admin/scorecard")


@blueprint.get("/")
@needs("viewer")
def show() -> str:
    live = in_force(running().engine)
    card = shown(checked(live.source).data)
    return render_template(
        "scorecard/show.html", card=card, stored=live, applied=applied(running().engine)
    )


@blueprint.get("/progress")
@needs("viewer")
def progress() -> str:
    return render_template("scorecard/progress.html", applied=applied(running().engine))


@blueprint.get("/versions")
@needs("viewer")
def versions() -> str:
    return render_template("scorecard/versions.html", versions=every_version(running().engine))


@blueprint.get("/versions/<int:number>")
@needs("viewer")
def one_version(number: int) -> str:
    found = _version(running(), number)
    card = shown(checked(found.source).data)
    return render_template("scorecard/version.html", card=card, stored=found)


@blueprint.get("/versions/<int:number>.yaml")
@needs("viewer")
def export(number: int) -> Response:
    return as_file(_version(running(), number).source, f"scorecard-{number}.yaml")


@blueprint.get("/compare")
@needs("viewer")
def compare() -> str:
    numbers = [request.args.get(key, 0, type=int) for key in ("old", "new")]
    old, new = (_version(running(), number) for number in numbers)
    told = differing(old.source, new.source, (f"version {old.id}", f"version {new.id}"))
    return render_template("scorecard/compare.html", old=old, new=new, told=told)


@blueprint.post("/versions/<int:number>/restore")
@needs("marketer")
def restore(number: int) -> AnyResponse:
    here = running()
    _version(here, number)
    try:
        older, newer = roll_back(here.engine, number, here.clock(), current_user.email)
    except ScorecardError:
        flash(_("This version is not understood any more: begin a draft of it."), "error")
        return redirect(url_for("scorecard.one_version", number=number))
    flash(
        _(
            "The text of version %(older)s is in force as version %(newer)s.",
            older=older,
            newer=newer,
        ),
        "success",
    )
    return redirect(url_for("scorecard.show"))


def as_file(text: str, name: str) -> Response:
    """A scorecard's text to be kept as a file."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text, mimetype="application/yaml", headers=headers)


def _version(runtime: Runtime, number: int) -> StoredScorecard:
    try:
        return version(runtime.engine, number)
    except UnknownVersion:
        abort(404)
