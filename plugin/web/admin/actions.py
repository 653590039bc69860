"""What each band causes on the way up and down, and how flicker and floods are kept away."""

from __future__ import annotations

from flask import Blueprint, render_template

from plugin.services.cards import checked, in_force

from .access import needs
from .card_view import parts_in, shown
from .running import running

blueprint = Blueprint("actions", __name__, url_prefix="/admin/actions")


@blueprint.get("/")
@needs("viewer")
def show() -> str:
    data = checked(in_force(running().engine).source).data
    card = shown(data)
    acting = {
        str(rule["id"])
        for group in parts_in(data, "groups")
        for rule in parts_in(group, "rules")
        if rule.get("actions")
    }
    rules = [
        rule for _, groups in card for group in groups for rule in group.rules if rule.id in acting
    ]
    return render_template("actions/show.html", card=card, rules=rules)
