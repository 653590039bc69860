"""``maturo dead list|replay``."""

from __future__ import annotations

import click

from plugin.runtime import Runtime
from plugin.services.replay_dead import replay_dead
from plugin.storage import connections, dead_letters
from plugin.storage.dead_letters import DeadLetter
from plugin.storage.engine import for_reading

from .common import as_json, existing, option, print_json, printable

_connection = option("--connection", "name", help="Only of this connection.")


@click.group()
def command() -> None:
    """Items of deliveries that could not be read."""


@command.command("list")
@_connection
@as_json
@click.pass_context
def show(context: click.Context, name: str | None, as_json: bool) -> None:
    """Show what could not be read and why; the content only with --json."""
    with existing(context) as runtime:
        letters = _letters(runtime, name)
    if as_json:
        print_json(letters)
        return
    for letter in letters:
        line = (
            f"{letter.id}  {letter.recorded_at:%Y-%m-%d %H:%M}  {letter.connection}  "
            f"{letter.event or 'delivery'}[{letter.item}]  {letter.reason}"
        )
        click.echo(printable(line))
    click.echo(f"{len(letters)} dead letters")


@command.command("replay")
@_connection
@click.pass_context
def replay(context: click.Context, name: str | None) -> None:
    """Read all of them again; what can be read now is scored. Exit code 1 if some cannot."""
    with existing(context) as runtime:
        done = replay_dead(
            runtime.inbox,
            runtime.engine,
            runtime.vault,
            runtime.manifest.connector,
            _letters(runtime, name),
            runtime.clock(),
        )
    click.echo(f"{done.resolved} read, {done.remaining} still cannot be read")
    if done.remaining:
        context.exit(1)


def _letters(runtime: Runtime, name: str | None) -> list[DeadLetter]:
    with for_reading(runtime.engine).begin() as connection:
        known = [one.name for one in connections.all_connections(connection, runtime.vault)]
        if name is not None and name not in known:
            raise click.ClickException(
                f'there is no connection "{name}"; there are: {", ".join(known) or "none"}'
            )
        return dead_letters.unresolved(connection, name)
