"""The page behind the link in a call's note: sales says what the contact was worth, unasked who.

Looking does nothing: programs that follow the links of a mail must not vote.
"""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request

from plugin.scoring.verdicts import Word
from plugin.services.contact import contact_sheet
from plugin.services.judge import BadLink, judge, judged_contact

from .bands import shade, shades
from .languages import language
from .running import running

_REASONS = 5


blueprint = Blueprint("judging", __name__, url_prefix="/verdict")


@blueprint.errorhandler(BadLink)
def stale(_error: BadLink) -> tuple[str, int]:
    return render_template("judging/stale.html"), 404


@blueprint.get("/<token>")
def show(token: str) -> str:
    here = running()
    engine, vault, now = here.engine, here.vault, here.clock()
    address = judged_contact(engine, vault, token, now)
    sheet = contact_sheet(engine, vault, address, now, language())
    best = sorted(sheet.explanation.lines, key=lambda line: -line.now)[:_REASONS]
    band = shade(shades(sheet.card), sheet.stored.score.band) if sheet.stored else None
    return render_template("judging/show.html", sheet=sheet, band=band, best=best)


@blueprint.post("/<token>")
def say(token: str) -> str:
    here = running()
    words: dict[str, Word] = {"accepted": "accepted", "rejected": "rejected"}
    word, reason = words.get(request.form.get("word", "")), request.form.get("reason", "")
    if word is None:
        abort(400)
    judge(here.engine, here.vault, token, word, reason, here.clock())
    return render_template("judging/thanks.html")
