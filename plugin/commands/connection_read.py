"""``maturo connections read``: what a delivery would tell, before it is let in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, BinaryIO

import click

from connectors.activity import Item, Reading, fields_of
from plugin.services.read_sample import read_sample

from .common import as_json, existing, option, print_json, printable, read_document
from .connection_care import stored_connection


@click.command()
@click.argument("name")
@click.argument("file", type=click.File("rb"))
@option("--setting", "settings", multiple=True, metavar="NAME=VALUE", help="Try another setting.")
@option("--header", "headers", multiple=True, metavar="NAME:VALUE", help="A header it came with.")
@as_json
@click.pass_context
def read(
    context: click.Context,
    name: str,
    file: BinaryIO,
    settings: Sequence[str],
    headers: Sequence[str],
    as_json: bool,
) -> None:
    """Say what the delivery in FILE would tell; nothing is stored and no signature is asked for."""
    changed = {key: read_document(value) for key, value in _pairs(settings, "=", "--setting")}
    given = dict(_pairs(headers, ":", "--header"))
    with existing(context) as runtime:
        source = stored_connection(runtime, name)
        connector = runtime.manifest.connector(source.connector)
        found = read_sample(connector, source, changed, given, file.read(), runtime.clock())
    if as_json:
        print_json({"items": [_named(one) for one in found.items], **_rest(found)})
    else:
        _show(found)
    if found.broken:
        context.exit(1)


def _pairs(given: Sequence[str], mark: str, option: str) -> list[tuple[str, str]]:
    pairs = [one.partition(mark) for one in given]
    for name, found, _ in pairs:
        if not (name and found):
            raise click.UsageError(f'{option}: expected NAME{mark}VALUE, found "{name}"')
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _named(item: Item) -> dict[str, Any]:
    return {"is": type(item).__name__, **fields_of(item)}


def _rest(found: Reading) -> dict[str, Any]:
    return {"broken": found.broken, "ignored": found.ignored, "test": found.test}


def _show(found: Reading) -> None:
    for item in found.items:
        told = _named(item)
        click.echo(told.pop("is"))
        for name, value in told.items():
            if value not in (None, {}, ""):
                click.echo(printable(f"  {name:12} {value}"))
    for broken in found.broken:
        click.echo(printable(f"NOT READ {broken.event or 'the delivery'}: {broken.reason}"))
    for event, count in found.ignored.items():
        click.echo(printable(f"ignored {event}: {count}"))
    if not (found.items or found.broken or found.ignored):
        click.echo("It tells nothing.")
