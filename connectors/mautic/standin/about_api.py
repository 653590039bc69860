"""Who we are, and what there is: the user, the webhook triggers, the tables of statistics."""

from __future__ import annotations

from flask import Blueprint, Response, g, request

from .answers import answer
from .auth import here
from .author import ADMIN, Author
from .statistics import statistics

blueprint = Blueprint("about", __name__, url_prefix="/api")


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
def read_table(table: str = "") -> Response:
    """Rows of a table of the statistics, or which tables there are."""
    standin = here()
    with standin.lock:
        return answer(statistics(standin, table, request.args))
