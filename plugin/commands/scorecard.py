"""``maturo scorecard validate|publish|export``."""

from __future__ import annotations

from pathlib import Path

import click

from plugin.scoring.loading import load
from plugin.services.publish import publish
from plugin.storage import scorecards
from plugin.storage.engine import for_reading

from .common import existing, opened, plain_errors

_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group()
def command() -> None:
    """Scorecards as text: validate, publish, export."""


@command.command("validate")
@click.argument("file", type=_FILE)
def validate(file: Path) -> None:
    """Say every mistake of FILE with its line; exit code 1 if there is one."""
    with plain_errors():
        card = load(_text(file), file.name)
    click.echo(f"{file.name}: {len(card.rules)} rules in {len(card.groups)} groups, no mistake")


@command.command("publish")
@click.argument("file", type=_FILE)
@click.pass_context
def publish_file(context: click.Context, file: Path) -> None:
    """Put FILE in force; the worker then scores every contact anew."""
    with opened(context) as runtime:
        version = publish(runtime.engine, _text(file), file.name, runtime.clock())
    click.echo(f"{file.name} is in force as version {version}")


@command.command("export")
@click.pass_context
def export(context: click.Context) -> None:
    """Print the scorecard in force."""
    with existing(context) as runtime, for_reading(runtime.engine).begin() as connection:
        stored = scorecards.in_force(connection)
    if stored is not None:
        click.echo(stored.source, nl=False)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException(
            f"{file.name}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from error
    except OSError as error:
        raise click.ClickException(f"{file.name} cannot be read: {error.strerror}") from error
