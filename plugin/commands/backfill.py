"""``maturo backfill CONNECTION``: the past of a platform, scored silently."""

from __future__ import annotations

import click

from plugin.runtime import Runtime
from plugin.services.backfill import backfill_page, begin_backfill, standing
from plugin.storage.connections import StoredConnection

from .common import existing, option
from .records import connection_named, in_words, past_of, patiently, read_all


@click.command()
@click.argument("connection")
@option("--again", is_flag=True, help="Begin with the first record, though it was read before.")
@click.pass_context
def command(context: click.Context, connection: str, again: bool) -> None:
    """Read what a platform recorded before it was connected, and score it.

    It can be stopped and goes on where it was. It is silent: scores are written, but no mail, no
    call, no task comes of what is past. The worker may run beside it.
    """
    with existing(context) as runtime:
        source = connection_named(runtime, connection)
        try:
            fill(runtime, source, again)
        except KeyboardInterrupt:
            raise click.ClickException(
                "stopped; the worker reads on if it runs, or "
                f"`maturo backfill {connection}` goes on from here"
            ) from None


def fill(runtime: Runtime, source: StoredConnection, again: bool = False) -> None:
    """Read to the end with a progress bar, and say what was found."""
    found = standing(runtime.engine, source)
    if found is not None and found.caught_up_at is not None and not again:
        click.echo(
            f"the back-fill of {source.name} ended on {found.caught_up_at:%Y-%m-%d %H:%M} UTC, "
            f"after {found.rows} rows; --again begins anew, and repeats change nothing"
        )
        return
    engine, connectors = runtime.engine, runtime.manifest.connector
    limit, clock = runtime.config.batch, runtime.clock
    with past_of(runtime, source) as past:
        patiently(lambda: begin_backfill(engine, source, past, clock(), again))
        done = read_all(lambda: backfill_page(engine, source, connectors, past, limit, clock))
    click.echo(in_words(*done))
