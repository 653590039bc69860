"""``maturo actions``: what was done at the platforms, and what waits."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plugin.storage.actions import STATES, listed
from plugin.storage.engine import for_reading

from .common import as_json, existing, option, print_json, printable


@click.command()
@option("--state", type=click.Choice(STATES), help="Only those of this state.")
@option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="So many.")
@as_json
@click.pass_context
def command(context: click.Context, state: str | None, limit: int, as_json: bool) -> None:
    """Show mails, calls and other actions, the newest first.

    Waiting: not yet done, for instance for want of room or of proof. Dropped: its reason went
    away before. Unclear: perhaps done; look into the platform. Silent: not done because a
    publication brought it.
    """
    with existing(context) as runtime, for_reading(runtime.engine).begin() as connection:
        found = listed(connection, limit, state)
    if as_json:
        print_json(found)
        return
    table = Table("when", "contact", "action", "because of", "state", "why")
    for one in found:
        action = f"{one.name} {one.object}".strip()
        when = f"{one.at:%Y-%m-%d %H:%M}"
        cells = (when, one.contact, action, one.occasion, one.state, one.error or "")
        table.add_row(*(Text(printable(cell)) for cell in cells))
    Console().print(table)
