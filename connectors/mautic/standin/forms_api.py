"""Forms as the API shows them. What they ask is put in by whoever runs the stand-in."""

from __future__ import annotations

from flask import Blueprint, Response

from .answers import answer, not_found
from .auth import here, require

blueprint = Blueprint("forms", __name__, url_prefix="/api")


@blueprint.get("/forms/<int:number>")
def show_form(number: int) -> Response:
    """A form of ``StandIn.forms``, as it was put there."""
    standin = here()
    require(standin, "forms:view")
    if number not in standin.forms:
        raise not_found()
    return answer({"form": standin.forms[number]})
