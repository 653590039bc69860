"""``maturo learn outcomes``: who was won and lost, from a table that sales exported."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from plugin.services.audit import COMMAND_LINE
from plugin.services.outcome_file import Columns, OutcomeTable, UnreadableTable, read_outcomes
from plugin.services.record_outcomes import Matched, match, record_outcomes
from plugin.services.rescore import live_scorecard
from plugin.storage.engine import for_reading

from .common import existing, option
from .scorecard_files import FILE, text_of

_SHOWN = 10


@click.command("outcomes")
@click.argument("file", type=FILE)
@option("--email", default="", metavar="COLUMN", help="The column of the e-mail address.")
@option("--outcome", default="", metavar="COLUMN", help="The column that says won or lost.")
@option("--date", default="", metavar="COLUMN", help="The column of the day it was decided.")
@option("--won", multiple=True, metavar="WORD", help="A word that means won.")
@option("--lost", multiple=True, metavar="WORD", help="A word that means lost.")
@option("--open", "undecided", multiple=True, metavar="WORD", help="… that takes it back.")
@option("--apply", is_flag=True, help="Record them; without, it is only shown what would be.")
@click.pass_context
def outcomes(
    context: click.Context,
    file: Path,
    email: str,
    outcome: str,
    date: str,
    won: tuple[str, ...],
    lost: tuple[str, ...],
    undecided: tuple[str, ...],
    apply: bool,
) -> None:
    """Record who was won or lost as the table FILE (CSV) tells. What is told later corrects."""
    asked = Columns(email, outcome, date, {"won": won, "lost": lost, "open": undecided})
    with existing(context) as runtime:
        now = runtime.clock()
        with for_reading(runtime.engine).begin() as connection:
            zone = ZoneInfo(live_scorecard(connection).card.timezone)
        try:
            table = read_outcomes(text_of(file), asked, zone)
        except UnreadableTable as error:
            raise click.ClickException(f"{file.name}: {error}") from error
        matched = match(runtime.engine, table.told, now)
        _show(table, matched)
        if not apply:
            click.echo("Nothing was recorded; --apply does it")
            return
        connectors = runtime.manifest.connector
        done = record_outcomes(
            runtime.engine, runtime.vault, connectors, matched, now, COMMAND_LINE
        )
        click.echo(f"Recorded for {done} contacts")


def _show(table: OutcomeTable, matched: Matched) -> None:
    columns = table.columns
    click.echo(
        f'Read from the columns "{columns.email}", "{columns.outcome}" and "{columns.at}": '
        + ", ".join(f"{count} {one}" for one, count in sorted(matched.outcomes.items()))
    )
    left = [
        *((one.line, one.why) for one in table.unread),
        *((line, "no contact has this e-mail address") for line in matched.unknown),
        *((line, "several contacts have this e-mail address") for line in matched.ambiguous),
    ]
    if left:
        shown = Table("line", "why", title=f"left out: {len(left)}")
        for line, why in sorted(left)[:_SHOWN]:
            shown.add_row(str(line), why)
        Console().print(shown)
