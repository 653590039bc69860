"""Dead letters: what could not be read, why, and reading it again."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import ngettext

from plugin.runtime import Runtime
from plugin.services import dead as letters
from plugin.services.preview_replay import Preview, preview_replay
from plugin.services.replay_dead import replay_dead
from plugin.storage.dead_letters import DeadLetter

from .access import needs, who
from .platforms import says
from .running import running

_PAGE = 20
#: So many of a group are read again at once; the rest is left for the next time.
_BULK = 500


blueprint = Blueprint("dead", __name__, url_prefix="/admin/health/dead")


@blueprint.get("/")
@needs("viewer")
def index() -> str:
    found = letters.groups(running().engine)
    return render_template("dead/index.html", groups=found, say=says(running()))


@blueprint.get("/<int:letter_id>")
@needs("viewer")
def group(letter_id: int) -> str:
    return _group(running(), letter_id, None)


@blueprint.post("/<int:letter_id>/try")
@needs("marketer")
def rehearse(letter_id: int) -> str:
    here = running()
    chosen = _bulk(here, letter_id)
    return _group(here, letter_id, _preview(here, chosen, {}))


@blueprint.post("/<int:letter_id>/replay")
@needs("admin")
def replay(letter_id: int) -> Any:
    return _replay(running(), _bulk(running(), letter_id), {})


@blueprint.route("/<int:letter_id>/body", methods=["GET", "POST"])
@needs("admin")
def body(letter_id: int) -> Any:
    here = running()
    found = letters.letter_with_body(here.inbox, here.engine, letter_id)
    if found is None or found[1] is None:
        abort(404)
    letter, stored = found[0], found[1]
    if request.method == "GET":
        return _body(here, letter, _readable(stored), None)
    text = request.form.get("body", "")
    edited = {letter.receipt_id: text.encode()}
    if "replay" in request.form:
        return _replay(here, [letter], edited)
    return _body(here, letter, text, _preview(here, [letter], edited))


def _group(runtime: Runtime, letter_id: int, preview: Preview | None) -> str:
    before = request.args.get("before", None, int)
    found = letters.alike(runtime.engine, letter_id, _PAGE, before)
    if found is None:
        abort(404)
    return render_template(
        "dead/group.html",
        found=found,
        letter_id=letter_id,
        preview=preview,
        bulk=_BULK,
        say=says(runtime),
    )


def _body(runtime: Runtime, letter: DeadLetter, text: str, preview: Preview | None) -> str:
    return render_template(
        "dead/body.html", letter=letter, text=text, preview=preview, say=says(runtime)
    )


def _bulk(runtime: Runtime, letter_id: int) -> list[DeadLetter]:
    found = letters.alike(runtime.engine, letter_id, _BULK)
    if found is None:
        abort(404)
    return list(found.letters)


def _preview(runtime: Runtime, chosen: list[DeadLetter], edited: dict[int, bytes]) -> Preview:
    connectors = runtime.manifest.connector
    return preview_replay(runtime.inbox, runtime.engine, runtime.vault, connectors, chosen, edited)


def _replay(runtime: Runtime, chosen: list[DeadLetter], edited: dict[int, bytes]) -> Any:
    done = replay_dead(
        runtime.inbox,
        runtime.engine,
        runtime.vault,
        runtime.manifest.connector,
        chosen,
        runtime.clock(),
        edited,
        who(),
    )
    if done.resolved:
        said = ngettext("%(num)s item was read.", "%(num)s items were read.", done.resolved)
        flash(said, "success")
    if done.remaining:
        said = ngettext(
            "%(num)s item still cannot be read.",
            "%(num)s items still cannot be read.",
            done.remaining,
        )
        flash(said, "warning")
    return redirect(url_for("dead.index"), 303)


def _readable(body: bytes) -> str:
    """JSON over several lines; anything else as it is."""
    try:
        return orjson.dumps(orjson.loads(body), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return body.decode(errors="replace")
