"""``maturo export CONNECTION/CONTACT``."""

from __future__ import annotations

import click

from plugin.services.person import export_person

from .common import existing, print_json


@click.command()
@click.argument("contact", metavar="CONNECTION/CONTACT")
@click.pass_context
def command(context: click.Context, contact: str) -> None:
    """Print everything that is kept of a person, as JSON: profile, activities, scores, reasons."""
    with existing(context) as runtime:
        told = export_person(
            runtime.inbox, runtime.engine, runtime.vault, runtime.manifest.connector, contact
        )
    print_json(told)
