"""``maturo scorecard rehearse|challenge|compare``: what another scorecard would say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from plugin.scoring.scorecard import MICRO
from plugin.services.challenge import (
    Comparison,
    challenge,
    compare,
    end_challenge,
)
from plugin.services.rehearse import Rehearsal, Rehearsed, Standing, rehearse, total
from plugin.storage import ranking
from plugin.storage.engine import for_reading

from .common import as_json, existing, option, print_json
from .progress import counted, progress
from .scorecard_files import FILE, text_of


@click.command("rehearse")
@click.argument("file", type=FILE)
@option(
    "--weeks",
    type=click.IntRange(1, 520),
    default=8,
    show_default=True,
    help="How far back entries into bands are counted.",
)
@as_json
@click.pass_context
def rehearse_file(context: click.Context, file: Path, weeks: int, as_json: bool) -> None:
    """Say what publishing FILE would change. Nothing is changed by asking."""
    with existing(context) as runtime:
        with for_reading(runtime.engine).begin() as connection:
            contacts = ranking.count(connection)
        told = rehearse(runtime.engine, text_of(file), file.name, runtime.clock(), weeks)
        moved: list[Rehearsed] = []
        with progress(contacts) as advance:
            sums = total(_kept(counted(told, advance), moved))
    if as_json:
        print_json(_public(sums, moved))
    else:
        _show(sums)


@click.command("challenge")
@click.argument("file", type=FILE, required=False)
@option("--off", is_flag=True, help="Stop the challenger.")
@click.pass_context
def challenge_file(context: click.Context, file: Path | None, off: bool) -> None:
    """Let FILE run beside the scorecard in force. It is only recorded, never written."""
    if (file is None) is not off:
        raise click.UsageError("give either a FILE or --off")
    with existing(context) as runtime:
        if file is None:
            end_challenge(runtime.engine, runtime.clock())
            click.echo("no challenger runs any more")
        else:
            challenge(runtime.engine, text_of(file), file.name, runtime.clock())
            click.echo(f"{file.name} runs beside the scorecard in force; the worker computes it")


@click.command("compare")
@as_json
@click.pass_context
def compare_cards(context: click.Context, as_json: bool) -> None:
    """Show where the challenger differs from the scorecard in force."""
    with existing(context) as runtime:
        found = compare(runtime.engine)
    if as_json:
        print_json(_comparison(found))
        return
    click.echo(
        f"{found.contacts} contacts; on average the challenger gives "
        f"{found.mean_difference / MICRO:+.1f} points"
    )
    Console().print(_moves(found.moves, "champion", "challenger"))
    for pair in found.apart:
        click.echo(
            f"{pair.contact}: {pair.champion_score / MICRO:.0f} {pair.champion_band}, by the "
            f"challenger {pair.challenger_score / MICRO:.0f} {pair.challenger_band}"
        )


def _kept(told: Iterator[Rehearsed], moved: list[Rehearsed]) -> Iterator[Rehearsed]:
    for one in told:
        if one.live.band != one.draft.band:
            moved.append(one)
        yield one


def _public(sums: Rehearsal, moved: list[Rehearsed]) -> dict[str, Any]:
    return {
        "contacts": sums.contacts,
        "bands": {"live": sums.live, "draft": sums.draft},
        "changes": [
            {
                "contact": one.contact,
                "identified": one.identified,
                "live": _standing(one.live),
                "draft": _standing(one.draft),
            }
            for one in moved
        ],
        "entered_per_week": [
            {
                "week": week,
                "band": band,
                "live": sums.rose[week, band],
                "draft": sums.would_rise[week, band],
            }
            for week, band in _weeks(sums)
        ],
    }


def _standing(standing: Standing) -> dict[str, Any]:
    amounts = {name: getattr(standing, name) / MICRO for name in ("score", "fit", "engagement")}
    return asdict(standing) | amounts


def _show(sums: Rehearsal) -> None:
    console = Console()
    bands = Table("band", "now", "by the draft", title=f"{sums.contacts} contacts")
    for band in dict.fromkeys((*sums.live, *sums.draft)):
        bands.add_row(band, str(sums.live[band]), str(sums.draft[band]))
    console.print(bands)
    changing = sum(sums.moves.values())
    console.print(f"{changing} contacts would change their band")
    if changing:
        console.print(_moves(sums.moves, "now", "by the draft"))
    weeks = Table("week of", "band", "entered now", "by the draft")
    for week, band in _weeks(sums):
        counts = (str(sums.rose[week, band]), str(sums.would_rise[week, band]))
        weeks.add_row(week.isoformat(), band, *counts)
    if weeks.row_count:
        console.print(weeks)


def _weeks(sums: Rehearsal) -> list[tuple[Any, str]]:
    return sorted({*sums.rose, *sums.would_rise})


def _moves(moves: dict[tuple[str, str], int], before: str, after: str) -> Table:
    table = Table(before, after, "contacts")
    for (old, new), count in sorted(moves.items(), key=lambda move: -move[1]):
        table.add_row(old, new, str(count))
    return table


def _comparison(found: Comparison) -> dict[str, Any]:
    return {
        "contacts": found.contacts,
        "mean_difference": found.mean_difference / MICRO,
        "bands": [
            {"champion": champion, "challenger": challenger, "contacts": count}
            for (champion, challenger), count in found.moves.items()
        ],
        "apart": [
            asdict(pair)
            | {
                "champion_score": pair.champion_score / MICRO,
                "challenger_score": pair.challenger_score / MICRO,
            }
            for pair in found.apart
        ],
    }
