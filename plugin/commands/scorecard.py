"""``maturo scorecard``: validate, publish, export, versions, diff, rollback, schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import orjson

from plugin.runtime import Runtime
from plugin.scoring.difference_words import told
from plugin.scoring.differences import differences
from plugin.scoring.json_schema import json_schema
from plugin.scoring.loading import load
from plugin.scoring.scorecard import Scorecard
from plugin.services.publish import publish, roll_back, unsupported, version
from plugin.storage import scorecards
from plugin.storage.engine import for_reading

from .common import existing, opened, option, plain_errors
from .scorecard_drafts import challenge_file, compare_cards
from .scorecard_files import FILE, text_of
from .scorecard_import import import_rules
from .scorecard_rehearse import command as rehearse_file


@click.group()
def command() -> None:
    """Scorecards as text: validate, rehearse, publish, compare, import."""


command.add_command(rehearse_file)
command.add_command(challenge_file)
command.add_command(compare_cards)
command.add_command(import_rules)


@command.command("validate")
@click.argument("file", type=FILE)
@option("--connection", "name", help="Say also what the platform of this connection cannot do.")
@click.pass_context
def validate(context: click.Context, file: Path, name: str | None) -> None:
    """Say every mistake of FILE with its line; exit code 1 if there is one."""
    with plain_errors():
        card = load(text_of(file), file.name)
    if name is not None:
        with existing(context) as runtime:
            lacking = _lacking(runtime, card, name)
        if lacking:
            raise click.ClickException("\n".join(lacking))
    click.echo(f"{file.name}: {len(card.rules)} rules in {len(card.groups)} groups, no mistake")
    _flag(card)


@command.command("publish")
@click.argument("file", type=FILE)
@click.pass_context
def publish_file(context: click.Context, file: Path) -> None:
    """Put FILE in force; the worker then scores every contact anew."""
    with opened(context) as runtime:
        text = text_of(file)
        with plain_errors():
            lacking = _lacking(runtime, load(text, file.name), None)
        for sentence in lacking:
            click.echo(sentence, err=True)
        number = publish(runtime.engine, text, file.name, runtime.clock())
    click.echo(f"{file.name} is in force as version {number}")
    _flag(load(text, file.name))


@command.command("export")
@click.pass_context
def export(context: click.Context) -> None:
    """Print the scorecard in force."""
    with existing(context) as runtime, for_reading(runtime.engine).begin() as connection:
        stored = scorecards.in_force(connection)
    if stored is not None:
        click.echo(stored.source, nl=False)


@command.command("versions")
@click.pass_context
def show_versions(context: click.Context) -> None:
    """List what was published, the newest first."""
    with existing(context) as runtime, for_reading(runtime.engine).begin() as connection:
        for one in scorecards.versions(connection):
            click.echo(f"{one.id}  {one.published_at:%Y-%m-%d %H:%M} UTC")


@command.command("diff")
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.pass_context
def diff(context: click.Context, old: str | None, new: str | None) -> None:
    """Say in words what differs between OLD and NEW: files, or numbers of versions.

    Without NEW the scorecard in force is compared with OLD; without both, the version before
    with the one in force.
    """
    with existing(context) as runtime:
        texts = [_text(runtime, which) for which in _sides(runtime, old, new)]
        found = differences(texts[0][1], texts[1][1], (texts[0][0], texts[1][0]))
    for line in [told(one, "en") for one in found] or ["no difference"]:
        click.echo(line)


@command.command("rollback")
@click.argument("number", metavar="[VERSION]", type=int, required=False)
@click.pass_context
def rollback(context: click.Context, number: int | None) -> None:
    """Publish the text of VERSION, or of the version before, as a new version."""
    with existing(context) as runtime:
        older, newer = roll_back(runtime.engine, number, runtime.clock())
    click.echo(f"the text of version {older} is in force as version {newer}")


@command.command("schema")
def schema() -> None:
    """Print the JSON Schema of a scorecard, by which editors complete and check."""
    click.echo(orjson.dumps(json_schema(), option=orjson.OPT_INDENT_2).decode())


def _lacking(runtime: Runtime, card: Scorecard, name: str | None) -> list[str]:
    return unsupported(runtime.engine, runtime.vault, runtime.manifest.connector, card, name)


def _sides(runtime: Runtime, old: str | None, new: str | None) -> Iterator[str | None]:
    with for_reading(runtime.engine).begin() as connection:
        stored = scorecards.in_force(connection)
    in_force = str(stored.id) if stored else None
    if old is None or new is not None:
        yield from (old, new or in_force)
    else:
        yield from (in_force, old)


def _text(runtime: Runtime, which: str | None) -> tuple[str, str]:
    """A name for messages, and the text."""
    if which is None or which.isdecimal():
        stored = version(runtime.engine, None if which is None else int(which))
        return f"version {stored.id}", stored.source
    file = Path(which)
    if not file.is_file():
        raise click.ClickException(f'"{which}" is neither a file nor the number of a version')
    text = text_of(file)
    load(text, file.name)
    return file.name, text


def _flag(card: Scorecard) -> None:
    on = [rule.id for rule in card.rules if rule.sensitive and rule.on]
    if on:
        click.echo(
            f"sensitive rules are on: {', '.join(on)}. Ask whether the law allows it, and tell "
            "the people concerned",
            err=True,
        )
