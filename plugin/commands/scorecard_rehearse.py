"""``maturo scorecard rehearse``: what another scorecard would say, and would have done."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plugin.services.rehearsal import Told, as_data, by_time
from plugin.services.rehearse import Side, rehearse
from plugin.storage import ranking
from plugin.storage.engine import for_reading

from .common import as_json, existing, option, print_json, printable
from .progress import counted, progress
from .scorecard_files import FILE, text_of
from .scorecard_moves import moves

#: Actions that are named for people; for machines all are.
_NAMED = 20


@click.command("rehearse")
@click.argument("file", type=FILE)
@option(
    "--weeks",
    type=click.IntRange(1, 520),
    default=8,
    show_default=True,
    help="How far back entries into bands and actions are looked for.",
)
@option("--sample", type=click.IntRange(1), help="About so many contacts, spread evenly; or all.")
@as_json
@click.pass_context
def command(
    context: click.Context, file: Path, weeks: int, sample: int | None, as_json: bool
) -> None:
    """Say what publishing FILE would change and would have done. Nothing is changed by asking."""
    told = Told()
    with existing(context) as runtime:
        with for_reading(runtime.engine).begin() as connection:
            contacts = ranking.count(connection)
        found = rehearse(runtime.engine, text_of(file), file.name, runtime.clock(), weeks, sample)
        with progress(min(contacts, sample or contacts)) as advance:
            for one in counted(found, advance):
                told.add(one)
    if as_json:
        print_json(as_data(told))
    else:
        _show(told)


def _show(told: Told) -> None:
    console, sums = Console(), told.sums
    live, draft = sums.live, sums.draft
    bands = Table("band", "now", "by the draft", title=f"{sums.contacts} contacts")
    for band in dict.fromkeys((*live.bands, *draft.bands)):
        bands.add_row(band, str(live.bands[band]), str(draft.bands[band]))
    console.print(bands)
    console.print(f"{sum(sums.moves.values())} contacts would change their band")
    for table in (
        moves(sums.moves, "now", "by the draft"),
        _weeks(live, draft),
        _actions(live, draft),
        _precision(live, draft),
        _newest(told.draft),
    ):
        if table.row_count:
            console.print(table)


def _weeks(live: Side, draft: Side) -> Table:
    table = Table("week of", "", "by the scorecard in force", "by the draft")
    for week, band in sorted({*live.entered, *draft.entered}):
        counts = str(live.entered[week, band]), str(draft.entered[week, band])
        table.add_row(week.isoformat(), f"entered {band}", *counts)
    for week in sorted({*live.calls, *draft.calls}):
        counts = str(live.calls[week]), str(draft.calls[week])
        table.add_row(week.isoformat(), "calls", *counts)
    return table


def _actions(live: Side, draft: Side) -> Table:
    table = Table("action", "object", "because of", "by the scorecard in force", "by the draft")
    for asked in sorted({*live.asked, *draft.asked}):
        table.add_row(*map(_text, asked), str(live.asked[asked]), str(draft.asked[asked]))
    return table


def _precision(live: Side, draft: Side) -> Table:
    title = "contacts that are won or lost, by the bands they had reached before"
    table = Table("band", "by the scorecard in force", "by the draft", title=title)
    for band in dict.fromkeys((*live.reached, *draft.reached)):
        table.add_row(band, _share(live, band), _share(draft, band))
    return table


def _share(side: Side, band: str) -> str:
    reached, won = side.reached[band], side.won[band]
    return f"{won} won of {reached} ({won / reached:.0%})" if reached else ""


def _newest(named: list[dict[str, Any]]) -> Table:
    shown = by_time(named)[-_NAMED:]
    title = f"the last {len(shown)} of {len(named)} actions by the draft; --json names all"
    table = Table("moment (UTC)", "contact", "because of", "action", "object", title=title)
    for one in shown:
        words = (one["contact"], one["occasion"], one["action"], one["object"])
        table.add_row(f"{one['at']:%Y-%m-%d %H:%M}", *map(_text, words))
    return table


def _text(word: str) -> Text:
    return Text(printable(word))
