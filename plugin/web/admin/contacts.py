"""Contacts: whom to look at first, and why somebody has the score they have."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from plugin.runtime import Runtime
from plugin.scoring.verdicts import Word
from plugin.services.contact import Sheet, contact_sheet, contact_timeline
from plugin.services.explain import UnknownContact
from plugin.services.feed import card_in_force
from plugin.services.judge import judge_contact
from plugin.services.person import export_person
from plugin.services.priorities import UnknownBand, UnknownPlace, place_of, priorities

from .access import needs
from .bands import rule_names, shade, shades
from .chart import chart
from .languages import language
from .moments import asked_moment, for_field
from .platforms import says
from .running import running
from .saved import as_json_file

_PAGE = 25


blueprint = Blueprint("contacts", __name__, url_prefix="/admin/contacts")


@blueprint.errorhandler(UnknownContact)
def unknown(_error: UnknownContact) -> tuple[str, int]:
    return render_template("contacts/unknown.html"), 404


@blueprint.get("")
@needs("viewer")
def index() -> str:
    here = running()
    band, text = request.args.get("band") or None, request.args.get("q", "").strip()
    after = request.args.get("after") or None
    try:
        found = priorities(here.engine, language(), band, _PAGE + 1, after, text)
    except (UnknownBand, UnknownPlace):
        abort(404)
    more = place_of(found[_PAGE - 1].contact) if len(found) > _PAGE else None
    known = shades(card_in_force(here.engine))
    return render_template(
        "contacts/index.html",
        found=found[:_PAGE],
        more=more,
        band=band,
        text=text,
        bands=known,
        shade=partial(shade, known),
        now=here.clock(),
    )


@blueprint.get("/<connection>/<contact>")
@needs("viewer")
def show(connection: str, contact: str) -> str:
    here = running()
    at, known_at = asked_moment("at"), asked_moment("known_at")
    sheet = _sheet(here, f"{connection}/{contact}", at, known_at)
    known = shades(sheet.card)
    return render_template(
        "contacts/show.html",
        sheet=sheet,
        at=for_field(at),
        known_at=for_field(known_at),
        is_past=at is not None or known_at is not None,
        shade=partial(shade, known),
        rules=rule_names(sheet.card),
        chart=chart(sheet),
        say=says(here),
        now=here.clock(),
    )


@blueprint.get("/<connection>/<contact>/timeline")
@needs("viewer")
def timeline(connection: str, contact: str) -> str:
    here = running()
    moment, at = asked_moment("before"), asked_moment("at")
    if moment is None:
        abort(400)
    before = moment, request.args.get("id", "")
    address = f"{connection}/{contact}"
    found = contact_timeline(here.engine, here.vault, address, before, at or here.clock())
    rules = rule_names(card_in_force(here.engine))
    return render_template(
        "contacts/timeline.html", timeline=found, address=address, rules=rules, at=at
    )


@blueprint.post("/<connection>/<contact>/verdict")
@needs("marketer")
def say(connection: str, contact: str) -> AnyResponse:
    here = running()
    word: dict[str, Word] = {"accepted": "accepted", "rejected": "rejected"}
    said, reason = word.get(request.form.get("word", "")), request.form.get("reason", "")
    if said is None:
        abort(400)
    address, who = f"{connection}/{contact}", current_user.email
    judge_contact(here.engine, here.vault, address, said, reason, who, here.clock())
    flash(_("Thank you: your verdict is kept, and counts in the results."), "success")
    return redirect(url_for("contacts.show", connection=connection, contact=contact))


@blueprint.get("/<connection>/<contact>/export")
@needs("marketer")
def export(connection: str, contact: str) -> Response:
    here, address = running(), f"{connection}/{contact}"
    told = export_person(here.inbox, here.engine, here.vault, here.manifest.connector, address)
    return as_json_file(told, f"{connection}-{contact}.json")


def _sheet(runtime: Runtime, address: str, at: datetime | None, known_at: datetime | None) -> Sheet:
    moment = at or runtime.clock()
    return contact_sheet(runtime.engine, runtime.vault, address, moment, language(), known_at)
