"""``maturo backup DIRECTORY``."""

from __future__ import annotations

from pathlib import Path

import click

from plugin.config import Config
from plugin.services.backup import copy_pair
from plugin.storage.vault import KEY_FILE

from .common import configure, plain_errors


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.pass_context
def command(context: click.Context, directory: Path) -> None:
    """Copy both databases into DIRECTORY while Maturo runs, and check the copies.

    The key is not copied: who has both can read the secrets of the platforms.
    """
    config = configure(context)
    if config.database_url:
        raise click.ClickException(
            "everything is in PostgreSQL: back it up with PostgreSQL's own tools, such as "
            "`pg_dump --format=custom --file=maturo.dump DATABASE`, and keep MATURO_KEY elsewhere"
        )
    with plain_errors(config):
        copy_pair(config.data, directory, show_copied)
    click.echo(f"The backup in {directory} is whole. The key is not in it: {_key(config)}.")


def show_copied(name: str, size: int) -> None:
    """Say that a file is being copied, for people."""
    click.echo(f"{name}: {size / 1e6:.1f} MB", err=True)


def _key(config: Config) -> str:
    place = "MATURO_KEY" if config.key else f"{config.data / KEY_FILE}"
    return f"keep a copy of {place} elsewhere, without it the platforms must be connected again"
