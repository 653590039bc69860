"""``maturo explain CONNECTION/CONTACT``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from plugin.scoring.explanation import Explanation, Reason
from plugin.scoring.scorecard import MICRO
from plugin.services.explain import explain_contact

from .common import as_json, confidence_for_machines, existing, lang, option, print_json, printable


class _Moment(click.ParamType[datetime]):
    name = "moment"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(f'"{value}": expected a date such as 2026-03-03 or 2026-03-03T14:00+01:00')


@click.command()
@click.argument("contact", metavar="CONNECTION/CONTACT")
@option("--at", type=_Moment(), help="The score at this moment (UTC unless said).")
@option("--known-at", type=_Moment(), help="… as it was known at this moment.")
@lang
@as_json
@click.pass_context
def command(
    context: click.Context,
    contact: str,
    at: datetime | None,
    known_at: datetime | None,
    lang: str,
    as_json: bool,
) -> None:
    """Say why a contact has its score, line by line; also for any past moment."""
    with existing(context) as runtime:
        moment = at or runtime.clock()
        told = explain_contact(runtime.engine, runtime.vault, contact, moment, lang, known_at)
    if as_json:
        print_json(_public(told))
    else:
        Console().print(_table(told))


def _public(told: Explanation) -> dict[str, Any]:
    return {
        "at": told.at,
        "score": told.score / MICRO,
        "grade": told.grade,
        "dimensions": {name: value / MICRO for name, value in told.dimensions.items()},
        "confidence": confidence_for_machines(told.confidence),
        "lines": list(map(_reason, told.lines)),
        "adjustments": list(map(_reason, told.adjustments)),
        "not_counted": list(map(_reason, told.not_counted)),
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return asdict(reason) | {"then": reason.then / MICRO, "now": reason.now / MICRO}


def _table(told: Explanation) -> Table:
    table = Table(title=_title(told), show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for reason in (*told.lines, *told.adjustments):
        table.add_row(
            Text("\n".join(map(printable, filter(None, (reason.sentence, reason.cut))))),
            _points(reason.now),
        )
    remarks = [told.unknown, *(reason.sentence for reason in told.not_counted)]
    table.add_section()
    for sentence in filter(None, remarks):
        table.add_row(Text(printable(sentence), style="dim"), "")
    return table


def _title(told: Explanation) -> str:
    halves = ", ".join(f"{name} {_points(value)}" for name, value in told.dimensions.items())
    return (
        f"score {_points(told.score)} at {told.at:%Y-%m-%d %H:%M} UTC: {halves}, grade {told.grade}"
    )


def _points(micro: int) -> str:
    return f"{micro / MICRO:+.2f}".rstrip("0").rstrip(".")
