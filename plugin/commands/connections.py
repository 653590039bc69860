"""``maturo connections``: every platform, and commands that look after one."""

from __future__ import annotations

from collections.abc import Collection

import click
from rich.console import Console
from rich.table import Table

from plugin.storage import paces, tallies
from plugin.storage.connections import StoredConnection, all_connections
from plugin.storage.engine import for_reading
from plugin.storage.paces import Pace
from plugin.storage.tallies import Tally

from .common import as_json, existing, print_json, printable
from .connection_care import reauthenticate, remove, republish, test
from .connection_read import read


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show every connected platform, its state, and what came that carries no score."""
    if context.invoked_subcommand is None:
        _list(context, as_json)


for _one in (test, read, reauthenticate, republish, remove):
    command.add_command(_one)


def _list(context: click.Context, as_json: bool) -> None:
    with existing(context) as runtime, for_reading(runtime.engine).begin() as connection:
        found = [
            (one, paces.find(connection, one.id), tallies.read(connection, one.id))
            for one in all_connections(connection, runtime.vault)
        ]
    if as_json:
        print_json([_public(*one) for one in found])
    elif found:
        Console(markup=False).print(_table(found))
    else:
        click.echo("No platform is connected yet: run `maturo connect --help`.")


def _public(one: StoredConnection, pace: Pace, counted: dict[str, Tally]) -> dict[str, object]:
    return {
        "name": one.name,
        "connector": one.connector,
        "version": one.version,
        "mode": one.mode,
        "state": one.state,
        "breaker": "open" if pace.open else "closed",
        "pace": pace,
        "created_at": one.created_at,
        "tallies": counted,
    }


def _table(found: list[tuple[StoredConnection, Pace, dict[str, Tally]]]) -> Table:
    columns = ("name", "connector", "version", "mode", "state")
    table = Table(*columns, "without score", "told by polling first")
    for one, pace, counted in found:
        state = f"{one.state}, breaker open" if pace.open else one.state
        own = (one.name, one.connector, one.version or "", one.mode, state)
        polled = {name for name in counted if name.startswith(tallies.POLLED)}
        unscored = {name for name in counted if not name.startswith((tallies.POLLED, tallies.SENT))}
        cells = (*own, _in_words(counted, unscored), _in_words(counted, polled))
        table.add_row(*map(printable, cells))
    return table


def _in_words(counted: dict[str, Tally], names: Collection[str]) -> str:
    told = ((name.removeprefix(tallies.POLLED), counted[name].seen) for name in sorted(names))
    return ", ".join(f"{name}: {seen}" for name, seen in told)
