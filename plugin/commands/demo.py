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

from .common import as_json, configure_logging, lang, option, print_json

_DELIVERIES = 873


@click.command()
@option("--once", is_flag=True, help="Play a recorded month instead, print the result and end.")
@lang
@as_json
def command(once: bool, lang: str, as_json: bool) -> None:
    """Open the pages on an invented firm with half a year of history, and sign you in.

    With --once a recorded month goes through receiver, worker and sender: 26 invented people, 873
    real deliveries of a Mautic 6.0.3, and a stand-in that takes the scores as that Mautic would.
    Everything is in a folder that is removed at the end.
    """
    if as_json and not once:
        raise click.UsageError("--json shows the result of --once: give both")
    configure_logging("error")
    # Also SIGTERM unwinds everything: no process and no folder stays behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="maturo-demo-") as folder:
        if once:
            result = _month(Path(folder), lang, console)
            print_json(result) if as_json else _show(result)
        else:
            _firm(Path(folder), console)


def _month(folder: Path, lang: str, console: Console) -> dict[str, Any]:
    from plugin.demo.month import play_month, report
    from plugin.demo.stage import set_up, story_clock
    from plugin.demo.story import story

    month = story()
    with set_up(folder, story_clock(month), month.secret) as stage:
        ticks = iter(
            track(range(_DELIVERIES), "Playing the month", console=console, transient=True)
        )
        played = play_month(stage, month, lambda: next(ticks, None))
        return report(stage, month, played, lang)


def _firm(folder: Path, console: Console) -> None:
    from plugin.demo.firm import go_on, open_firm
    from plugin.demo.past import STEPS

    ticks = iter(track(range(STEPS), "Playing half a year", console=console, transient=True))
    with open_firm(folder, lambda: next(ticks, None)) as (stage, pages):
        # The progress bar goes.
        next(ticks, None)
        data = stage.runtime.config.data
        console.print(f"\nThe pages, signed in:          {pages}", style="bold", soft_wrap=True)
        console.print(f"The platform with the scores:  {stage.platform_url}/s/contacts")
        console.print(f"The receiver:                  {stage.receiver_url}/readyz")
        console.print(
            f"Why a score:                   maturo --data {data} explain mautic/73", soft_wrap=True
        )
        console.print("Ctrl-C ends the demo and removes its folder.")
        stop = threading.Event()
        visits = threading.Thread(target=go_on, args=(stage, stop), name="visits")
        visits.start()
        try:
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
        finally:
            stop.set()
            visits.join()


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
