"""``maturo forget CONNECTION/CONTACT``."""

from __future__ import annotations

import click

from plugin.runtime import Runtime
from plugin.services.person import Forgotten, forget_person
from plugin.worker import score_some

from .common import existing, option


@click.command()
@click.argument("contact", metavar="CONNECTION/CONTACT")
@option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def command(context: click.Context, contact: str, yes: bool) -> None:
    """Erase a person here: history, score, and every receipt that names them.

    In every connection that knows them by the same e-mail address.
    Erase them in the platform first, or it goes on telling us of them. Backups are yours to delete.
    """
    if not yes:
        click.confirm(f"Erase everything that is known of {contact}?", abort=True)
    with existing(context) as runtime:
        done = _forget(runtime, contact)
    names = ", ".join(done.contacts)
    click.echo(f"Forgotten: {names}. {done.receipts} receipts that named them are deleted.")
    if done.waiting:
        raise click.ClickException(
            f"{done.waiting} receipts that name them still wait to be scored: run this again when "
            "the worker has caught up"
        )


def _forget(runtime: Runtime, contact: str) -> Forgotten:
    def score_waiting() -> None:
        while score_some(runtime):
            pass

    return forget_person(
        runtime.inbox,
        runtime.engine,
        runtime.vault,
        runtime.manifest.connector,
        score_waiting,
        contact,
        runtime.clock(),
    )
