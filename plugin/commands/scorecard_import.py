"""``maturo scorecard import CONNECTOR``: the platform's own point rules as a scorecard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import orjson

from connectors.contract import PlatformRules
from plugin.manifest import load_manifest
from plugin.services.import_rules import rules_of, scorecard_text

from .common import existing, option, plain_errors
from .scorecard_files import FILE, text_of


@click.command("import")
@click.argument("connector")
@option("--name", metavar="CONNECTION", help="Ask the platform of this connection.")
@option("--file", type=FILE, help="Read its answer to a list of point rules instead.")
@option("--triggers", type=FILE, help="… and of what it does from which points on.")
@click.pass_context
def import_rules(
    context: click.Context,
    connector: str,
    name: str | None,
    file: Path | None,
    triggers: Path | None,
) -> None:
    """Print a scorecard that gives what the platform's own rules give.

    What cannot be imported is said on standard error, and in comments of the text.
    """
    if (name is None) is (file is None):
        raise click.UsageError("give either --name or --file")
    if file is not None:
        found = _from_files(connector, file, triggers)
    else:
        found = _from_platform(context, str(name))
    for left in found.left_out:
        click.echo(f"not imported: {left}", err=True)
    click.echo(scorecard_text(found, name or connector), nl=False)


def _from_files(connector: str, file: Path, triggers: Path | None) -> PlatformRules:
    with plain_errors():
        try:
            reader = load_manifest().connector(connector)
        except LookupError as error:
            raise click.ClickException(f'no connector "{connector}" is installed') from error
        nothing: dict[str, Any] = {"triggers": []}
        thresholds = nothing if triggers is None else _json(triggers)
        return reader.read_rules({"points": _json(file), "triggers": thresholds})


def _from_platform(context: click.Context, name: str) -> PlatformRules:
    with existing(context) as runtime:
        return rules_of(runtime.engine, runtime.vault, runtime.manifest.connector, name)


def _json(file: Path) -> Any:
    try:
        return orjson.loads(text_of(file))
    except orjson.JSONDecodeError as error:
        raise click.ClickException(
            f"{file.name}, line {error.lineno}: is not JSON: {error.msg}"
        ) from error
