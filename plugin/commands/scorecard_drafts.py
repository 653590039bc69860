"""``maturo scorecard challenge|compare``: a second scorecard beside the one in force."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from plugin.scoring.scorecard import MICRO
from plugin.services.challenge import (
    Comparison,
    challenge,
    compare,
    end_challenge,
)

from .common import as_json, existing, option, print_json
from .scorecard_files import FILE, text_of
from .scorecard_moves import moves


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
    Console().print(moves(found.moves, "champion", "challenger"))
    for pair in found.apart:
        click.echo(
            f"{pair.contact}: {pair.champion_score / MICRO:.0f} {pair.champion_band}, by the "
            f"challenger {pair.challenger_score / MICRO:.0f} {pair.challenger_band}"
        )


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
