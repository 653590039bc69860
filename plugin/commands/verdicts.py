"""``maturo verdicts``: what sales said of the contacts they were given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plugin.services.verdicts import GivenVerdict, verdicts

from .common import as_json, existing, option, print_json, printable


@click.command()
@option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="So many.")
@as_json
@click.pass_context
def command(context: click.Context, limit: int, as_json: bool) -> None:
    """Show what sales accepted and rejected, the newest first, and how often in each band.

    The scorecard in force says by which tags or fields they mark it (verdicts).
    """
    with existing(context) as runtime:
        found = verdicts(runtime.engine)
    if as_json:
        print_json({"verdicts": found[:limit], "bands": _bands(found)})
        return
    table = Table("when", "contact", "band", "verdict", "reason")
    for one in found[:limit]:
        cells = (f"{one.at:%Y-%m-%d %H:%M}", one.contact, one.band, one.word, one.reason or "")
        table.add_row(*(Text(printable(cell)) for cell in cells))
    console = Console()
    console.print(table)
    for band, counted in _bands(found).items():
        console.print(f"{band}: {counted['accepted']} accepted, {counted['rejected']} rejected")


def _bands(found: Sequence[GivenVerdict]) -> dict[str, dict[str, int]]:
    counted = Counter((one.band, one.word) for one in found)
    bands = sorted({one.band for one in found})
    return {
        band: {"accepted": counted[band, "accepted"], "rejected": counted[band, "rejected"]}
        for band in bands
    }
