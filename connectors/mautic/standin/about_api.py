"""Who we are, and what there is: the user, the webhook triggers, the tables of statistics."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from flask import Blueprint, Response, g, request

from .answers import answer
from .auth import here
from .author import ADMIN, Author
from .statistics import email_stats

blueprint = Blueprint("about", __name__, url_prefix="/api")


@cache
def catalogue() -> dict[str, Any]:
    """``triggers`` a webhook can have and ``tables`` of statistics, as 6.0.3 lists them."""
    loaded: dict[str, Any] = json.loads(
        files(__package__).joinpath("catalogue.json").read_text("utf-8")
    )
    return loaded


@blueprint.get("/users/self")
def who_am_i() -> Response:
    """The user; the pseudo user of client credentials has neither id nor e-mail."""
    author: Author = g.author
    standin = here()
    first, _, last = author.name.rpartition(" ")
    user = {"username": standin.user if author == ADMIN else author.name}
    role = {"id": 1, "name": "Administrator", "description": "Full system access"}
    return answer(
        {
            "isPublished": True,
            **({"id": author.id} if author.id else {}),
            **user,
            "firstName": first,
            "lastName": last,
            **({"email": "admin@example.test"} if author.id else {}),
            "role": {"isPublished": True, **role, "isAdmin": True},
            "timezone": "",
            "locale": "",
        }
    )


@blueprint.get("/stats")
@blueprint.get("/stats/<table>")
def list_tables(table: str = "") -> Response:
    """Which tables there are; asking for an unknown one answers the same, with 200."""
    tables = catalogue()["tables"]
    if table == "email_stats":
        standin = here()
        with standin.lock:
            total, rows = email_stats(standin, request.args)
        return answer({"total": str(total), "stats": rows})
    if table in tables:
        return answer({"total": "0", "stats": []})
    return answer({"availableTables": list(tables), "tableColumns": tables})
