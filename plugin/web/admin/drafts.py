"""Drafts: begin one, change it as a whole, publish it or throw it away."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from connectors.errors import ConnectorError
from plugin.runtime import Runtime
from plugin.scoring.edits import (
    Edit,
    UnknownPart,
    delete_band,
    delete_group,
    delete_rule,
    move_rule,
    switch_rule,
)
from plugin.scoring.problems import ScorecardError
from plugin.services.beginnings import beginning
from plugin.services.cards import checked
from plugin.services.drafts import (
    StaleDraft,
    UnknownDraft,
    begin,
    change,
    draft_of,
    every_draft,
    publish_draft,
    throw_away,
)
from plugin.services.import_rules import platforms
from plugin.storage.drafts import Draft

from .access import needs
from .card_view import parts_in, shown
from .mistakes import told_problems
from .part_words import kind_names
from .running import running
from .scorecard import as_file
from .stale import meanwhile

_LONGEST_NAME = 80


blueprint = Blueprint("drafts", __name__, url_prefix="/admin/scorecard/drafts")


@blueprint.get("/")
@needs("marketer")
def every() -> str:
    here = running()
    sources = platforms(here.engine, here.vault)
    return render_template(
        "drafts/every.html", drafts=every_draft(here.engine), connections=sources
    )


@blueprint.post("/")
@needs("marketer")
def create() -> AnyResponse:
    here = running()
    name = request.form.get("name", "").strip()[:_LONGEST_NAME] or _("Draft")
    try:
        source = _beginning(here)
        number = begin(here.engine, name, source, current_user.email, here.clock())
    except ScorecardError as error:
        flash(told_problems(error.problems)[0], "error")
        return redirect(url_for("drafts.every"))
    except (ConnectorError, LookupError):
        flash(_("The rules of the platform could not be read: see its health page."), "error")
        return redirect(url_for("drafts.every"))
    return redirect(url_for("drafts.show", number=number))


@blueprint.get("/<int:number>")
@needs("marketer")
def show(number: int) -> str:
    draft = found_draft(running(), number)
    found = checked(draft.source)
    return render_template(
        "drafts/show.html",
        draft=draft,
        card=shown(found.data),
        problems=told_problems(found.problems),
        kinds=kind_names(),
    )


@blueprint.route("/<int:number>/text", methods=["GET", "POST"])
@needs("marketer")
def text(number: int) -> AnyResponse | str | tuple[str, int]:
    draft = found_draft(running(), number)
    if request.method == "GET":
        return _text_page(draft, draft.source, [], None)
    source = request.form.get("source", "").replace("\r\n", "\n")
    try:
        _change(running(), number, lambda _old: source)
    except ScorecardError as error:
        return _text_page(draft, source, told_problems(error.problems), None), 422
    except StaleDraft as stale:
        return _text_page(stale.draft, source, [], meanwhile(stale)), 409
    return redirect(url_for("drafts.show", number=number))


@blueprint.get("/<int:number>.yaml")
@needs("marketer")
def export(number: int) -> Response:
    return as_file(found_draft(running(), number).source, f"draft-{number}.yaml")


@blueprint.post("/<int:number>/change")
@needs("marketer")
def do(number: int) -> AnyResponse:
    draft = found_draft(running(), number)
    what, id = request.form.get("what", ""), request.form.get("id", "")
    try:
        edit = _simple_edit(checked(draft.source).data, what, id)
        _change(running(), number, edit)
    except StaleDraft as stale:
        flash(meanwhile(stale).headline, "warning")
    except (UnknownPart, KeyError):
        abort(404)
    except ScorecardError as error:
        flash(told_problems(error.problems)[0], "error")
    anchor = f"rule-{id}" if what in ("on", "off", "up", "down") else None
    return redirect(url_for("drafts.show", number=number, _anchor=anchor))


@blueprint.post("/<int:number>/publish")
@needs("marketer")
def publish(number: int) -> AnyResponse:
    revision = request.form.get("revision", 0, type=int)
    try:
        new = publish_draft(
            running().engine, number, revision, current_user.email, running().clock()
        )
    except UnknownDraft:
        abort(404)
    except StaleDraft as stale:
        flash(meanwhile(stale).headline, "warning")
        return redirect(url_for("drafts.show", number=number))
    except ScorecardError:
        flash(_("It cannot be published before its mistakes are mended."), "error")
        return redirect(url_for("drafts.show", number=number))
    flash(
        _(
            "Version %(number)s is in force; every contact is scored anew, silently.",
            number=new,
        ),
        "success",
    )
    return redirect(url_for("scorecard.show"))


@blueprint.post("/<int:number>/discard")
@needs("marketer")
def discard(number: int) -> AnyResponse:
    revision = request.form.get("revision", 0, type=int)
    try:
        throw_away(running().engine, number, revision, current_user.email, running().clock())
    except UnknownDraft:
        abort(404)
    except StaleDraft as stale:
        flash(meanwhile(stale).headline, "warning")
        return redirect(url_for("drafts.show", number=number))
    flash(_("The draft was thrown away."), "success")
    return redirect(url_for("drafts.every"))


def found_draft(runtime: Runtime, number: int) -> Draft:
    """The draft of that number, or the page that there is none."""
    try:
        return draft_of(runtime.engine, number)
    except UnknownDraft:
        abort(404)


def _change(runtime: Runtime, number: int, edit: Edit) -> Draft:
    revision = request.form.get("revision", 0, type=int)
    return change(runtime.engine, number, revision, edit, current_user.email, runtime.clock())


def _beginning(runtime: Runtime) -> str:
    """The text that was chosen to begin with."""
    chosen = request.form.get("from", "")
    sent = request.files.get("file")
    if chosen == "file" and sent is not None:
        text: str = sent.read().decode("utf-8", errors="replace")
        return text.replace("\r\n", "\n")
    return beginning(runtime.engine, runtime.vault, runtime.manifest.connector, chosen)


def _text_page(draft: Draft, source: str, problems: list[str], stale: Any) -> str:
    return render_template(
        "drafts/text.html", draft=draft, source=source, problems=problems, stale=stale
    )


def _simple_edit(data: Any, what: str, id: str) -> Edit:
    simple = {
        "on": lambda: switch_rule(id, on=True),
        "off": lambda: switch_rule(id, on=False),
        "delete-rule": lambda: delete_rule(id),
        "delete-group": lambda: delete_group(id),
        "delete-band": lambda: delete_band(id),
        "up": lambda: _moved(data, id, -1),
        "down": lambda: _moved(data, id, 1),
    }
    return simple[what]()


def _moved(data: Any, id: str, by: int) -> Edit:
    """One place further in its group; at the end of it nothing moves."""
    for group in parts_in(data, "groups"):
        ids = [str(rule.get("id")) for rule in parts_in(group, "rules")]
        if id in ids:
            place = ids.index(id) + by
            if not 0 <= place < len(ids):
                return lambda text: text
            before = place + 1 if by > 0 else place
            return move_rule(id, str(group["id"]), ids[before] if before < len(ids) else None)
    raise UnknownPart(id)
