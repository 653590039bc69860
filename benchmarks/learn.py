"""What learning reaches on public data, beside its bars. Needs `maturo[learn]`.

Run: ``python -m benchmarks.learn``. The data sets are for evaluation only and no part of
Maturo: they are looked for in ``../shared/data`` beside the checkout, or in the folder that
MATURO_DATA_SETS names.
"""

from __future__ import annotations

import csv
import os
import resource
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import process_time

import numpy as np
from sklearn.model_selection import StratifiedKFold

from plugin.learning.candidates import Candidate
from plugin.learning.card import learn_card
from plugin.learning.corrections import learn_corrections
from plugin.learning.measures import (
    auc,
    average_precision,
    calibration_error,
    lift,
)
from plugin.learning.model import Card
from plugin.learning.table import Column, Floats, Table, column, later_part
from plugin.scoring.drift import population_shift

from . import learn_purchases, learn_simulated

DATA = Path(os.environ.get("MATURO_DATA_SETS", Path(__file__).parents[2] / "shared" / "data"))
_SEED = 20260101


@dataclass(frozen=True, slots=True)
class Bar:
    """What was reached, and what was asked: at least, or at most where ``below``."""

    what: str
    reached: float
    asked: float
    below: bool = False

    @property
    def held(self) -> bool:
        return self.reached <= self.asked if self.below else self.reached >= self.asked


def read_table(path: Path, won: Callable[[dict[str, str]], bool], order: str | None) -> Table:
    """A CSV as a table of one row a contact, by ``order`` in time (``None``: as it stands)."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if order is not None:
        rows.sort(key=lambda row: float(row[order]))
    columns = {name: _column([row[name] for row in rows]) for name in rows[0] if name}
    outcome, numbers = np.array([won(row) for row in rows]), np.arange(len(rows))
    return Table(columns, outcome, numbers, numbers.astype(np.float64))


def _column(texts: list[str]) -> Column:
    try:
        return column([float(text) if text not in ("", "Select") else None for text in texts])
    except ValueError:
        return column(["" if text == "Select" else text for text in texts])


def leads() -> Table:
    """X Education's leads without the columns that know the future."""
    left_out = (
        *("Prospect ID", "Lead Number", "Converted", "Tags", "Lead Quality", "Lead Profile"),
        *("Last Notable Activity", "Last Activity"),
        *(f"Asymmetrique {one}" for one in ("Activity Index", "Profile Index")),
        *(f"Asymmetrique {one}" for one in ("Activity Score", "Profile Score")),
    )
    path = DATA / "xeducation_leads.csv"
    return read_table(path, lambda row: row["Converted"] == "1", "Lead Number").without(left_out)


def bank() -> Table:
    """Portuguese bank marketing (Moro, Cortez, Rita 2014, UCI): the rows are in order of date."""
    left_out = ("y", "duration", "day", "month", "age", "marital")
    path = DATA / "bank_full.csv"
    return read_table(path, lambda row: row["y"] == "yes", None).without(left_out)


def across(table: Table) -> tuple[float, float, float]:
    """AUC, average precision and calibration error, means over five folds."""
    found = []
    folds = StratifiedKFold(5, shuffle=True, random_state=_SEED)
    for known, hidden in folds.split(table.won, table.won):
        card, test = learn_card(table.take(known)), table.take(hidden)
        score = card.score(test)
        error = calibration_error(test.won, card.probability(score))
        found.append((auc(test.won, score), average_precision(test.won, score), error))
    means = np.mean(found, axis=0)
    return float(means[0]), float(means[1]), float(means[2])


def present_rules(table: Table) -> Floats:
    """Rules such as a firm writes by hand, without having looked at outcomes."""
    known = table.columns
    seconds = np.nan_to_num(known["Total Time Spent on Website"])
    points: Floats = (
        15.0 * (known["Lead Origin"] == "Lead Add Form")
        + 10 * (known["What is your current occupation"] == "Working Professional")
        + 10 * (seconds > 300)
        + 5 * (np.nan_to_num(known["TotalVisits"]) > 3)
        + 5 * (known["A free copy of Mastering The Interview"] == "Yes")
        + 5 * (known["City"] != "")
        - 10 * (known["Do Not Email"] == "Yes")
    )
    return points


def few_wins(table: Table, wins: int, draws: int) -> list[float]:
    """AUC on later leads of the present rules corrected by few wins, for each draw."""
    known, later = later_part(table)
    present, chance = present_rules(known), np.random.default_rng(_SEED)
    won, lost = np.nonzero(known.won)[0], np.nonzero(~known.won)[0]
    reached = []
    for _ in range(draws):
        others = chance.choice(lost, wins * len(lost) // len(won), replace=False)
        rows = np.sort(np.concatenate([chance.choice(won, wins, replace=False), others]))
        card = learn_corrections(known.take(rows), present[rows])
        reached.append(auc(later.won, card.score(later, present_rules(later))))
    return reached


def _leads_bars() -> Iterator[Bar]:
    table = leads()
    area, _, error = across(table)
    yield Bar("leads, 5 folds: AUC", area, 0.868)
    yield Bar("leads, 5 folds: calibration error", error, 0.035, below=True)
    known, later = later_part(table)
    card = learn_card(known)
    score = card.score(later)
    yield Bar("leads, later: AUC", auc(later.won, score), 0.885)
    yield Bar("leads, later: lift of the best tenth", lift(later.won, score), 2.55)
    error = calibration_error(later.won, card.probability(score))
    yield Bar("leads, later: calibration error", error, 0.05, below=True)
    yield Bar("leads: rows of the card", len(card.rows), 20, below=True)
    # Twelve draws differ by chance as much as the bar's distance: ten times twelve.
    draws = np.reshape(few_wins(table, wins=20, draws=120), (10, 12))
    yield Bar("leads, 20 wins and present rules: mean AUC", float(draws.mean()), 0.83)
    worst = float(draws.min(axis=1).mean())
    yield Bar("leads, 20 wins and present rules: worst AUC of twelve", worst, 0.74)


def _bank_bars() -> Iterator[Bar]:
    table = bank()
    area, precision, _ = across(table)
    yield Bar("bank, 5 folds: AUC", area, 0.742)
    yield Bar("bank, 5 folds: average precision", precision, 0.36)
    known, later = later_part(table)
    card = learn_card(known)
    score = card.score(later)
    yield Bar("bank, later: AUC", auc(later.won, score), 0.715)
    moved = population_shift(card.score(known).tolist(), score.tolist())
    yield Bar("bank, later: drift alarm (PSI)", moved, 0.20)


def _purchases_bars() -> Iterator[Bar]:
    area, best, _, _ = learn_purchases.figures()
    yield Bar("purchases, the later half year: AUC", area, 0.795)
    yield Bar("purchases: AUC, as no leak", area, 0.98, below=True)
    yield Bar("purchases, the later half year: lift of the best tenth", best, 3.1)


def _simulated_bars() -> Iterator[Bar]:
    areas, errors, cards = learn_simulated.figures(DATA / "simulate_log.py")
    yield Bar("simulated, three later days: AUC", float(np.mean(areas)), 0.835)
    yield Bar("simulated: calibration error", float(np.mean(errors)), 0.02, below=True)
    for what, least in (("*/pricing*", 0), ("*/demo*", 0), ("asset_downloaded", 0)):
        yield Bar(f"simulated: points of {what}", min(_points(cards, what)), least)
    yield Bar("simulated: points of a free mailbox", max(_points(cards, "free_mail")), -1, True)
    knows = sum(bool(_rows(card, found, "client_area")) for card, found in cards)
    yield Bar("simulated: cards that know what only customers do", knows, 0, below=True)


def _points(cards: list[tuple[Card, list[Candidate]]], what: str) -> list[int]:
    """The sum of the rows about something, in each card."""
    return [sum(_rows(card, found, what)) for card, found in cards]


def _rows(card: Card, found: list[Candidate], what: str) -> list[int]:
    # Silence names all that was not done.
    asked = {one.id for one in found if what in str(one.keys) and "no" not in one.keys}
    return [row.points for row in card.rows if row.indicator.column in asked]


def main() -> int:
    """Print every bar; answers 1 if one was missed."""
    if not DATA.is_dir():
        print(f"no data sets in {DATA}: nothing measured")
        return 0
    bench = {"leads": _leads_bars, "bank": _bank_bars}
    for needed, name, bars in (
        ("lifetimes", "purchases", _purchases_bars),
        ("pandas", "simulated", _simulated_bars),
    ):
        if find_spec(needed):
            bench[name] = bars
        else:
            print(f"skipped {name}: needs {needed}, see the extra `bench`")
    held = [_print(bar) for name, bars in bench.items() for bar in _with_effort(name, bars)]
    return 0 if all(held) else 1


def _with_effort(name: str, bars: Callable[[], Iterator[Bar]]) -> Iterator[Bar]:
    """Its bars, and what all of them took; memory is the most that was ever used until now."""
    began = process_time()
    yield from bars()
    yield Bar(f"{name}: seconds of CPU", process_time() - began, 60, below=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Bar(f"{name}: MB of memory", peak, 600, below=True)


def _print(bar: Bar) -> bool:
    sign, mark = "≤" if bar.below else "≥", "held  " if bar.held else "MISSED"
    print(f"{mark} {bar.what}: {bar.reached:.3f} ({sign} {bar.asked})", flush=True)
    return bar.held


if __name__ == "__main__":
    sys.exit(main())
