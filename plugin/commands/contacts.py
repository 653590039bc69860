"""``maturo contacts``: whom to look at first."""

from __future__ import annotations

from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plugin.scoring.evaluate import whole_points
from plugin.scoring.scorecard import MICRO
from plugin.services.priorities import Priority, place_of, priorities

from .common import as_json, confidence_for_machines, existing, lang, option, print_json, printable


@click.command()
@option("--band", metavar="BAND", help="Only the contacts of this band.")
@option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="So many.")
@option("--after", metavar="PLACE", help="Go on behind this place, which --json tells.")
@option("--search", metavar="TEXT", default="", help="Only who is named so: name, e-mail, company.")
@lang
@as_json
@click.pass_context
def command(
    context: click.Context,
    band: str | None,
    limit: int,
    after: str | None,
    search: str,
    lang: str,
    as_json: bool,
) -> None:
    """Show identified persons: best band first, then score, then who was active last."""
    with existing(context) as runtime:
        found = priorities(runtime.engine, lang, band, limit, after, search)
    if as_json:
        print_json(list(map(_public, found)))
    else:
        Console().print(_table(found))


def _public(one: Priority) -> dict[str, Any]:
    score = one.contact.score
    return {
        "contact": one.contact.address,
        "others": one.others,
        "name": one.identity.name,
        "place": place_of(one.contact),
        "band": score.band,
        "score": score.score / MICRO,
        "grade": score.grade,
        "confidence": confidence_for_machines(one.confidence),
        "last_active": one.contact.score.last_active,
        "interest": one.interest,
        "reasons": [reason.sentence for reason in one.reasons],
    }


def _table(found: list[Priority]) -> Table:
    table = Table("contact", "band", "score", "grade", "fit known", "active", "interest", "why")
    for one in found:
        score, last = one.contact.score, one.contact.score.last_active
        cells = (
            "\n".join((one.contact.address, *one.others)),
            score.band,
            str(whole_points(score.score)),
            score.grade,
            "" if one.confidence.share is None else f"{float(one.confidence.share):.0%}",
            f"{last:%Y-%m-%d %H:%M}" if last else "",
            one.interest or "",
            "\n".join(reason.sentence for reason in one.reasons),
        )
        table.add_row(*(Text(_clean(cell)) for cell in cells))
    return table


def _clean(text: str) -> str:
    return "\n".join(map(printable, text.split("\n")))
