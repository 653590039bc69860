"""``maturo reconcile CONNECTION``: one full round now."""

from __future__ import annotations

from functools import partial

import click

from plugin.poller import PacedPast
from plugin.runtime import Runtime
from plugin.services import find_removals
from plugin.services.read_history import Read
from plugin.services.reconcile import reconcile_page
from plugin.storage.connections import StoredConnection

from .common import as_json, existing, print_json
from .progress import growing
from .records import connection_named, in_words, past_of, patiently, read_all


@click.command()
@click.argument("connection")
@as_json
@click.pass_context
def command(context: click.Context, connection: str, as_json: bool) -> None:
    """Read what a platform recorded since the last time, whatever its webhook told.

    Then ask it which of the contacts it still has.
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
            gone = _gone(runtime, source, past)
    if as_json:
        print_json({"connection": source.name, "rows": rows, "new": found, "gone": gone})
    else:
        click.echo(in_words(rows, found))
        if gone:
            click.echo(f"{gone} contacts are gone; the worker asks which were merged")


def _gone(runtime: Runtime, source: StoredConnection, past: PacedPast) -> int:
    """Ask about every contact we know; how many the platform shows no more. Shows progress."""
    find_removals.begin_round(runtime.engine, source, runtime.clock())
    contacts = gone = 0
    with growing("contacts") as advance:
        while True:
            asked = patiently(
                partial(
                    find_removals.find_removals, runtime.engine, source, past.gone, runtime.clock
                )
            )
            contacts, gone = contacts + asked.contacts, gone + asked.gone
            advance(contacts, None)
            if asked.over:
                return gone
