"""A proposal of points as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from plugin.scoring.drift import RATIOS, WARNS

from .common import printable

#: What a person is told to do, by the advice of the proposal.
ADVICE = {
    "too_few_wins": "Too few contacts were won to propose points: 20 are needed before the last "
    "fifth of the time, and one within it. The table shows what differs so far.",
    "no_better_than_chance": "What was learned orders later contacts no better than chance: "
    "do not use it.",
    "keep_present_rules": "What was learned is not surely better than the present rules: "
    "keep them.",
    "weak": "Corrections of the present rules, from few wins: look at each row with care.",
    "adopt": "The card orders later contacts better than the present rules.",
}


def show(found: dict[str, Any]) -> None:
    """Print a proposal, what speaks for it first."""
    console = Console()
    console.print(ADVICE[found["advice"]])
    console.print(
        f"{found['contacts']} contacts, {found['wins']} of them won; {found['later_wins']} won in "
        f"the later part of time, of which all figures are. {found['base']:.1%} were won in time."
    )
    for leak in found["leaks"]:
        name = printable(found["labels"][leak["column"]]["en"])
        console.print(
            f"Left out, because it knows too much: {leak['column']} ({name}). "
            f"If it is known before the win: --allow {leak['column']}",
            markup=False,
        )
    for line in _protected(found):
        console.print(line, markup=False)
    tables = _compared(found), _rows(found), _volumes(found), *_thresholds(found)
    for table in (*tables, _differences(found)):
        if table.row_count:
            console.print(table)
    for line in _moved(found):
        console.print(line)


def _protected(found: dict[str, Any]) -> Iterator[str]:
    protected, cost = found["protected"], found["cost"]
    for field, trait in protected["left_out"].items():
        yield (
            f"Left out, because it is protected: {printable(field)} ({trait}). To use it all the "
            f'same: --with-protected {printable(field)} --reason "…"'
        )
    for field, trait in protected["used"].items():
        reason = printable(protected["reason"])
        yield f"Used although it is protected: {printable(field)} ({trait}). The reason: {reason}"
    if cost is not None:
        yield (
            f"Without protected fields the AUC would be {_figure(cost['left_out'])} instead of "
            f"{_figure(cost['used'])}: they bring {_figure(cost['gain'])}."
        )


def _moved(found: dict[str, Any]) -> Iterator[str]:
    psi, ratio = found["drift"], found["base_ratio"]
    if psi is not None and psi > WARNS:
        yield f"Attention: scores have moved since (PSI {psi:.2f}); learn again soon"
    if ratio is not None and not RATIOS[0] <= ratio <= RATIOS[1]:
        yield f"Attention: {ratio:.2f} times the share won before is won; learn again soon"
    if found["thresholds"] and found["thresholds"]["stopped"]:
        yield "Scores have moved too far for a threshold by calls a week: none is told."


def _compared(found: dict[str, Any]) -> Table:
    table = Table("ordered by", "AUC", "average precision", "lift of the best tenth")
    for one in found["comparisons"]:
        table.add_row(one["by"], *(_figure(one[f]) for f in ("auc", "average_precision", "lift")))
    return table


def _rows(found: dict[str, Any]) -> Table:
    title = "the rows, to be added" if found["form"] == "corrections" else "the rows"
    table = Table("row", "rule", "points", "between", "sign", "won with", "without", title=title)
    for row in found["rows"]:
        table.add_row(
            row["id"],
            Text(printable(row["rule"]["label"]["en"])),
            f"{row['points']:+}",
            f"{row['low']:+.0f} … {row['high']:+.0f}",
            f"{row['stability']:.0%}",
            f"{row['won_with']:.1%}",
            f"{row['won_without']:.1%}",
        )
    return table


def _volumes(found: dict[str, Any]) -> Table:
    table = Table("from so many points", "contacts and days", "won", title="where to begin")
    for one in found["volumes"]:
        table.add_row(f"{one['least']:.0f}", str(one["contacts"]), f"{one['won']:.1%}")
    return table


def _thresholds(found: dict[str, Any]) -> Iterator[Table]:
    told = found["thresholds"] or {"capacity": [], "precision": []}
    titles = ("calls a week", "where to begin, by calls"), ("share won", "where to begin, by wins")
    for asked, (name, title) in zip(("capacity", "precision"), titles, strict=True):
        table = Table(name, "from so many points", "contacts a week", "won", title=title)
        for one in told[asked]:
            wanted = f"{one['asked']:.0%}" if asked == "precision" else f"{one['asked']:.0f}"
            won = "–" if one["precision"] is None else _share(one["precision"])
            table.add_row(wanted, str(one["least"]), f"{one['a_week']:.1f}", won)
        yield table


def _differences(found: dict[str, Any]) -> Table:
    table = Table("what differs", "of the won", "of the others", title="differences")
    for one in found["differences"]:
        name = found["labels"][one["indicator"]["column"]]["en"]
        shares = (f"{low:.0%} … {high:.0%}" for low, high in (one["winners"], one["others"]))
        table.add_row(Text(printable(name)), *shares)
    return table


def _figure(one: dict[str, float]) -> str:
    return f"{one['value']:.3f} ({one['low']:.3f} … {one['high']:.3f})"


def _share(one: dict[str, float]) -> str:
    return f"{one['value']:.1%} ({one['low']:.1%} … {one['high']:.1%})"
