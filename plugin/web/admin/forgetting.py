"""Forgetting a contact: asked for, watched, done by the worker."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from plugin.runtime import Runtime
from plugin.services.contact import contact_sheet
from plugin.services.explain import UnknownContact
from plugin.services.forget import ask_forgetting, forgetting_of
from plugin.storage.runs import UNDER_WAY

from .access import needs
from .languages import language
from .running import running

blueprint = Blueprint("forgetting", __name__, url_prefix="/admin")


@blueprint.errorhandler(UnknownContact)
def unknown(_error: UnknownContact) -> tuple[str, int]:
    return render_template("contacts/unknown.html"), 404


@blueprint.route("/contacts/<connection>/<contact>/forget", methods=["GET", "POST"])
@needs("admin")
def ask(connection: str, contact: str) -> str | Response:
    here = running()
    address = f"{connection}/{contact}"
    if request.method == "GET" or request.form.get("typed", "").strip() != address:
        here = here
        sheet = contact_sheet(here.engine, here.vault, address, here.clock(), language())
        wrong = request.method == "POST"
        return render_template("forgetting/ask.html", sheet=sheet, wrong=wrong)
    number = ask_forgetting(here.engine, address, current_user.email, here.clock())
    return redirect(url_for("forgetting.show", number=number), 303)


@blueprint.get("/forgetting/<int:number>")
@needs("admin")
def show(number: int) -> str:
    return render_template("forgetting/show.html", **_told(running(), number))


@blueprint.get("/forgetting/<int:number>/status")
@needs("admin")
def status(number: int) -> str:
    return render_template("forgetting/status.html", **_told(running(), number))


def _told(runtime: Runtime, number: int) -> dict[str, Any]:
    run = forgetting_of(runtime.engine, number)
    if run is None:
        abort(404)
    found = orjson.loads(run.result) if run.result else None
    return {"run": run, "under_way": run.state in UNDER_WAY, "found": found}
