"""Companies that show interest, and their people."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, abort, render_template, request

from plugin.services.accounts import ranked_accounts, team
from plugin.services.feed import card_in_force

from .access import needs
from .bands import shade, shades
from .running import running

_PAGE = 50


blueprint = Blueprint("accounts", __name__, url_prefix="/admin/accounts")


@blueprint.get("")
@needs("viewer")
def index() -> str:
    text, after = request.args.get("q", "").strip(), request.args.get("after")
    found = ranked_accounts(running().engine, after, _PAGE + 1, text)
    more = found[_PAGE - 1].key if len(found) > _PAGE else None
    return render_template("accounts/index.html", found=found[:_PAGE], more=more, text=text)


@blueprint.get("/people")
@needs("viewer")
def show() -> str:
    found = team(running().engine, request.args.get("key", ""))
    if found is None:
        abort(404)
    known = shades(card_in_force(running().engine))
    return render_template("accounts/show.html", team=found, shade=partial(shade, known))
