"""``maturo manifest check|show``."""

from __future__ import annotations

import click

from plugin.manifest import load_manifest

from .common import plain_errors, print_json


@click.group()
def command() -> None:
    """What this installation declares of itself."""


@command.command("check")
def check() -> None:
    """Prove the manifest: its schema, every declared thing, every connector."""
    with plain_errors():
        manifest = load_manifest()
        found = list(map(manifest.connector, manifest.connector_ids))
    names = ", ".join(connector.id for connector in found)
    click.echo(f"manifest of version {manifest.version} is true; connectors: {names}")


@command.command("show")
def show() -> None:
    """Print the manifest as JSON."""
    with plain_errors():
        print_json(load_manifest().raw)
