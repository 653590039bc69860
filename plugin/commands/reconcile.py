"""``maturo reconcile CONNECTION``: one full round now."""

from __future__ import annotations

import click

from plugin.services.read_history import Read
from plugin.services.reconcile import reconcile_page

from .common import as_json, existing, print_json
from .records import connection_named, in_words, past_of, read_all


@click.command()
@click.argument("connection")
@as_json
@click.pass_context
def command(context: click.Context, connection: str, as_json: bool) -> None:
    """Read what a platform recorded since the last time, whatever its webhook told.

    The worker does it by itself. What is new is scored and acted upon as if the webhook had told.
    """
    with existing(context) as runtime:
        source = connection_named(runtime, connection)
        with past_of(runtime, source) as past:

            def next_page() -> Read:
                connectors, limit = runtime.manifest.connector, runtime.config.batch
                while True:
                    read = reconcile_page(
                        runtime.engine, source, connectors, past, limit, runtime.clock
                    )
                    if read is not None:
                        return read
                    # The worker was faster: on from where it left.

            rows, found = read_all(next_page)
    if as_json:
        print_json({"connection": source.name, "rows": rows, "new": found})
    else:
        click.echo(in_words(rows, found))
