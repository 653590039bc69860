"""``maturo demo``."""

from __future__ import annotations

import signal
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from plugin.demo.month import play_month, report
from plugin.demo.stage import Stage, set_up
from plugin.demo.story import story

from .common import as_json, configure_logging, lang, option, print_json

_DELIVERIES = 873


@click.command()
@option("--once", is_flag=True, help="Print the result and end, instead of staying up.")
@lang
@as_json
def command(once: bool, lang: str, as_json: bool) -> None:
    """Play a recorded month of a small firm through receiver, worker and sender.

    26 invented people, 873 real deliveries of a Mautic 6.0.3, and a stand-in that takes the
    scores as that Mautic would. Everything is in a folder that is removed at the end.
    """
    configure_logging("error")
    # Also SIGTERM unwinds everything: no process and no folder stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    month = story()
    console = Console(stderr=True)
    with (
        tempfile.TemporaryDirectory(prefix="maturo-demo-") as folder,
        set_up(Path(folder), month) as stage,
    ):
        ticks = iter(
            track(range(_DELIVERIES), "Playing the month", console=console, transient=True)
        )
        played = play_month(stage, month, lambda: next(ticks, None))
        result = report(stage, month, played, lang)
        if as_json:
            print_json(result)
        else:
            _show(result)
        if not once:
            _stay(stage, result["contacts"][0]["contact"], console)


def _show(result: dict[str, Any]) -> None:
    console = Console()
    console.print(_contacts(result["contacts"]))
    first = result["contacts"][0]
    console.print(f"Why {first['contact']} has {first['score']:.1f}:", style="bold")
    for line in first["lines"]:
        click.echo(f"{line['points']:+8.2f}  {line['text']}")
    click.echo(
        f"\n{sum(result['deliveries'].values())} deliveries in {result['seconds']} s, "
        f"{result['dead_letters']} of their items could not be read"
    )


def _contacts(contacts: list[dict[str, Any]]) -> Table:
    table = Table(title="A month of Atelier Nova")
    for name in ("contact", "who it really was", "band"):
        table.add_column(name)
    for name in ("score", "fit", "engagement", "held by the platform"):
        table.add_column(name, justify="right")
    for one in contacts:
        held = one["platform"]["score"]
        table.add_row(
            one["contact"],
            one["truth"] or "",
            one["band"],
            *(f"{one[name]:.1f}" for name in ("score", "fit", "engagement")),
            "visitor" if held is None else str(held),
        )
    return table


def _stay(stage: Stage, contact: str, console: Console) -> None:
    data = stage.runtime.config.data
    console.print(f"\nThe platform with the scores:  {stage.platform_url}/s/contacts", style="bold")
    console.print(f"The receiver:                  {stage.receiver_url}/readyz")
    console.print(f"Why a score:                   maturo --data {data} explain mautic/{contact}")
    console.print("Ctrl-C ends the demo and removes its folder.")
    with suppress(KeyboardInterrupt):
        threading.Event().wait()
