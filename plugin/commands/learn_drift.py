"""``maturo learn drift``: whether scores, and how many are won, have moved since publication."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from plugin.learning.question import CALLS
from plugin.services.drift import Moved, newest_drift

from .common import as_json, existing, option, print_json

_MEANS = {
    "steady": "Scores are as they were when the scorecard was published.",
    "moved": "Attention: scores, or the share won, have moved; does the scorecard still fit?",
    "stopped": "Scores have moved too far: no threshold by calls is told. Learn or rehearse anew.",
}


@click.command("drift")
@option(
    "--calls",
    type=click.IntRange(1),
    multiple=True,
    default=CALLS,
    show_default=True,
    help="Calls a week for which a threshold is wanted.",
)
@as_json
@click.pass_context
def drift(context: click.Context, calls: tuple[int, ...], as_json: bool) -> None:
    """Say week by week how far scores have moved, and from how many points on calls are filled."""
    with existing(context) as runtime:
        found = newest_drift(runtime.engine)
    if found is None:
        raise click.ClickException(
            "nothing is computed yet for the scorecard in force: the worker does it within an hour"
        )
    thresholds = _thresholds(found, calls)
    if as_json:
        print_json({"drift": found, "level": found.level, "thresholds": thresholds})
        return
    console = Console()
    console.print(_MEANS[found.level] if found.weeks else _too_early(found))
    for table in (_weeks(found), _begin_at(thresholds)):
        if table.row_count:
            console.print(table)


def _too_early(found: Moved) -> str:
    since = (
        "too few contacts were active" if found.since is None else f"compared with {found.since}"
    )
    return f"Nothing can be said before four weeks of enough active contacts have passed ({since})."


def _thresholds(found: Moved, calls: tuple[int, ...]) -> list[dict[str, float]]:
    return [
        {"calls": asked, "least": least, "a_week": found.a_week(least)}
        for asked in calls
        if (least := found.begin_at(asked)) is not None
    ]


def _weeks(found: Moved) -> Table:
    title = f"the four weeks before each Monday, beside those before {found.since}"
    table = Table("until", "active", "won", "PSI", "share won", "", title=title)
    for one in found.weeks:
        psi = "–" if one.psi is None else f"{one.psi:.2f}"
        ratio = "–" if one.ratio is None else f"× {one.ratio:.2f}"
        told = "" if one.level == "steady" else one.level
        table.add_row(f"{one.until}", str(one.contacts), str(one.won), psi, ratio, told)
    return table


def _begin_at(thresholds: list[dict[str, float]]) -> Table:
    title = "where to begin, by who rose in the last four weeks"
    table = Table("calls a week", "from so many points", "contacts a week", title=title)
    for one in thresholds:
        table.add_row(str(one["calls"]), str(one["least"]), f"{one['a_week']:.1f}")
    return table
