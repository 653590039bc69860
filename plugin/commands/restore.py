"""``maturo restore DIRECTORY``."""

from __future__ import annotations

from pathlib import Path

import click
from sqlalchemy import Engine

from plugin.config import Config
from plugin.runtime import utc_now
from plugin.services.restore import restore_pair
from plugin.storage import connections
from plugin.storage.engine import for_reading
from plugin.storage.vault import KEY_FILE, open_vault
from plugin.stores import open_database

from .backup import show_copied
from .common import configure, plain_errors


@click.command()
@click.argument("directory", type=click.Path(path_type=Path))
@click.pass_context
def command(context: click.Context, directory: Path) -> None:
    """Put the databases of a backup into the data folder, which must have none, and check them."""
    config = configure(context)
    if config.database_url:
        raise click.ClickException(
            "this installation is in PostgreSQL: restore it with `pg_restore --dbname=DATABASE "
            "maturo.dump`; `maturo restore` is for databases in a data folder"
        )
    with plain_errors(config):
        restore_pair(directory, config.data, show_copied, utc_now())
        engine = open_database(config)
        try:
            click.echo(f"The backup of {directory} is in place in {config.data}.")
            _try_key(config, engine)
        finally:
            engine.dispose()


def _try_key(config: Config, engine: Engine) -> None:
    if not config.key and not (config.data / KEY_FILE).exists():
        # Not opened without: it would make a new one.
        raise click.ClickException(
            f"the key is missing: copy {KEY_FILE} of that installation to "
            f"{config.data / KEY_FILE}, or set MATURO_KEY, before you start Maturo"
        )
    vault = open_vault(config.key, config.data)
    with for_reading(engine).begin() as connection:
        connections.all_connections(connection, vault)
