"""``maturo learn``: propose points from contacts that were won, and make a draft of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import orjson

from plugin.learning.question import CALLS, NoReason, Question
from plugin.scoring.durations import parse_duration
from plugin.scoring.problems import ScorecardError
from plugin.services.audit import COMMAND_LINE
from plugin.services.draft_learned import UnknownRow, draft
from plugin.services.protected_use import note_use
from plugin.storage import scorecards
from plugin.storage.engine import for_reading

from .common import as_json, existing, option, print_json
from .learn_drift import drift
from .learn_outcomes import outcomes
from .learn_report import ADVICE, show
from .progress import read_then
from .scorecard_files import FILE, text_of

_NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


class _Duration(click.ParamType[timedelta]):
    name = "duration"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            return parse_duration(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class _Points(click.ParamType[tuple[str, int]]):
    name = "ROW=POINTS"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, int]:
        row, _, points = str(value).partition("=")
        try:
            return row, int(points)
        except ValueError:
            self.fail(f'"{value}" is not a row and whole points, as learned-3=5', param, ctx)


@click.group()
def command() -> None:
    """Points from contacts that were won: outcomes, propose, report, draft, drift."""


@command.command("propose")
@click.argument("output", type=_NEW_FILE)
@option(
    "--horizon",
    type=_Duration(),
    default="60d",
    show_default=True,
    help="How soon a contact must be won for what it did to have told it.",
)
@option(
    "--every",
    type=_Duration(),
    default="30d",
    show_default=True,
    help="How often a contact is looked at.",
)
@option(
    "--sample",
    type=click.IntRange(100),
    default=20_000,
    show_default=True,
    help="About so many contacts, spread evenly.",
)
@option("--allow", multiple=True, metavar="ROW", help="Use this row although it knows too much.")
@option("--with-protected", multiple=True, metavar="FIELD", help="Use this protected field.")
@option("--reason", default="", help="Why protected fields are needed and lawful; it is kept.")
@option(
    "--calls",
    type=click.IntRange(1),
    multiple=True,
    default=CALLS,
    show_default=True,
    help="Calls a week for which a threshold is wanted.",
)
@click.pass_context
def propose(
    context: click.Context,
    output: Path,
    horizon: timedelta,
    every: timedelta,
    sample: int,
    allow: tuple[str, ...],
    with_protected: tuple[str, ...],
    reason: str,
    calls: tuple[int, ...],
) -> None:
    """Write to OUTPUT (JSON) which rules deserve how many points, and show the report."""
    try:
        fields = frozenset(with_protected)
        question = Question(horizon, every, sample, frozenset(allow), fields, reason, calls)
    except NoReason as error:
        raise click.UsageError(f'{error}, by --reason "…"') from error
    found = _learned(context, question)
    try:
        output.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    except OSError as error:
        raise click.ClickException(f"{output} cannot be written: {error.strerror}") from error
    show(found)
    click.echo(f"The proposal is in {output}; `maturo learn draft {output} DRAFT.yaml` goes on")


@command.command("report")
@click.argument("file", type=FILE)
@as_json
def report(file: Path, as_json: bool) -> None:
    """Show the proposal in FILE again."""
    found = _read(file)
    if as_json:
        print_json(found)
    else:
        show(found)


@command.command("draft")
@click.argument("file", type=FILE)
@click.argument("output", type=_NEW_FILE)
@option("--refuse", multiple=True, metavar="ROW", help="Leave this row out.")
@option("--points", multiple=True, type=_Points(), help="Give a row other points.")
@click.pass_context
def draft_file(
    context: click.Context,
    file: Path,
    output: Path,
    refuse: tuple[str, ...],
    points: Sequence[tuple[str, int]],
) -> None:
    """Write to OUTPUT the scorecard in force with the accepted rows of the proposal in FILE."""
    proposal = _read(file)
    if proposal["form"] == "none":
        raise click.ClickException(f"{file.name} proposes nothing: {ADVICE[proposal['advice']]}")
    with existing(context) as runtime:
        with for_reading(runtime.engine).begin() as connection:
            stored = scorecards.in_force(connection)
        if stored is None:
            raise click.ClickException("no scorecard is published yet")
        try:
            text = draft(stored.source, proposal, refuse, dict(points))
        except (UnknownRow, ScorecardError) as error:
            raise click.ClickException(str(error)) from error
        output.write_text(text, encoding="utf-8")
    click.echo(
        f"{output} is a draft: `maturo scorecard rehearse {output}` shows what it would change, "
        f"`maturo scorecard publish {output}` puts it in force"
    )


command.add_command(outcomes)
command.add_command(drift)


def _learned(context: click.Context, question: Question) -> dict[str, Any]:
    try:
        from plugin.services.learn import NothingToLearn, learn
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is missing: learning needs the extra, install it by "
            '`pip install "maturo[learn]"`; everything else works without'
        ) from error
    with existing(context) as runtime, read_then("learning from them") as advance:
        now = runtime.clock()
        try:
            found = learn(runtime.engine, now, question, advance)
        except NothingToLearn as error:
            raise click.ClickException(str(error)) from error
        with runtime.engine.begin() as connection:
            note_use(connection, question, COMMAND_LINE, now)
    return found


def _read(file: Path) -> dict[str, Any]:
    try:
        found = orjson.loads(text_of(file))
    except orjson.JSONDecodeError as error:
        raise click.ClickException(f"{file.name} is not JSON: {error}") from error
    if not isinstance(found, dict) or not {"advice", "form", "rows", "bands"} <= found.keys():
        raise click.ClickException(f"{file.name} is no proposal of `maturo learn propose`")
    return found
