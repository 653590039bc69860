"""``maturo accounts``: which companies show interest."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plugin.scoring.evaluate import whole_points
from plugin.scoring.scorecard import MICRO
from plugin.services.accounts import accounts

from .common import as_json, existing, option, print_json, printable


@click.command()
@option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="So many.")
@as_json
@click.pass_context
def command(context: click.Context, limit: int, as_json: bool) -> None:
    """Show accounts, the highest score first. Free mail services are no accounts."""
    with existing(context) as runtime:
        found = accounts(runtime.engine, runtime.clock())[:limit]
    if as_json:
        print_json(
            [
                {
                    "account": one.name,
                    "score": one.score / MICRO,
                    "active": one.active,
                    "roles": one.roles,
                    "people": [person.contact for person in one.people],
                }
                for one in found
            ]
        )
        return
    table = Table("account", "score", "people", "active", "roles")
    for one in found:
        table.add_row(
            Text(printable(one.name)),
            str(whole_points(one.score)),
            str(len(one.people)),
            str(one.active),
            ", ".join(one.roles),
        )
    Console().print(table)
