"""``maturo connections``: every platform; ``test``, ``reauthenticate`` and ``remove`` for one."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from plugin.storage import tallies
from plugin.storage.connections import StoredConnection, all_connections
from plugin.storage.engine import for_reading
from plugin.storage.tallies import Tally

from .common import as_json, existing, print_json, printable
from .connection_care import reauthenticate, remove, test


@click.group(invoke_without_command=True)
@as_json
@click.pass_context
def command(context: click.Context, as_json: bool) -> None:
    """Show every connected platform, its state, and what came that carries no score."""
    if context.invoked_subcommand is None:
        _list(context, as_json)


for _one in (test, reauthenticate, remove):
    command.add_command(_one)


def _list(context: click.Context, as_json: bool) -> None:
    with existing(context) as runtime, for_reading(runtime.engine).begin() as connection:
        found = [
            (one, tallies.read(connection, one.id))
            for one in all_connections(connection, runtime.vault)
        ]
    if as_json:
        print_json([_public(*pair) for pair in found])
    elif found:
        Console(markup=False).print(_table(found))
    else:
        click.echo("No platform is connected yet: run `maturo connect mautic --help`.")


def _public(one: StoredConnection, counted: dict[str, Tally]) -> dict[str, object]:
    return {
        "name": one.name,
        "connector": one.connector,
        "version": one.version,
        "state": one.state,
        "created_at": one.created_at,
        "tallies": counted,
    }


def _table(found: list[tuple[StoredConnection, dict[str, Tally]]]) -> Table:
    table = Table("name", "connector", "version", "state", "without score")
    for one, counted in found:
        beside = ", ".join(f"{name}: {tally.seen}" for name, tally in counted.items())
        cells = (one.name, one.connector, one.version or "", one.state, beside)
        table.add_row(*map(printable, cells))
    return table
