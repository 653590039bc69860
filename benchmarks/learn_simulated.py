"""A simulated log with a planted hazard of buying: does learning find it, as of each day?

The log is written by ``simulate_log.py`` of the data sets (needs pandas) and read back as
histories, so that everything is tried that a firm uses: candidates, the as-of table, the card.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from connectors.activity import Activity, Subject
from plugin.learning.as_of import AsOf, as_of
from plugin.learning.candidates import Candidate, candidates
from plugin.learning.card import learn_card
from plugin.learning.case import Case
from plugin.learning.measures import auc, calibration_error
from plugin.learning.model import Card
from plugin.scoring.history import ProfileFact, history
from plugin.scoring.loading import load
from plugin.scoring.outcomes import Outcome
from plugin.scoring.scorecard import Scorecard

_START = datetime(2024, 1, 1, tzinfo=UTC)
_HORIZON, _MONTH = 60, 30
_TESTED = (360, 420, 480)
_KINDS = {
    "mail.open": "email_opened",
    "mail.click": "email_clicked",
    "download": "asset_downloaded",
    "form": "form_submitted",
    "unsubscribe": "unsubscribed",
}
_NO_RULES = """
name: None
timezone: UTC
groups:
  - id: all
    dimension: fit
    rules:
      - {id: phone, kind: field, points: 1, if: {field: phone, present: true}}
bands: [{id: all}]
"""


def simulated(script: Path) -> list[Case]:
    """The contacts of the log, and when they were won."""
    with TemporaryDirectory() as folder:
        subprocess.run([sys.executable, str(script), "--out", folder], check=True)
        with (Path(folder) / "events.csv").open() as file:
            done = defaultdict(list)
            for number, row in enumerate(csv.DictReader(file)):
                done[row["contact"]].append(_activity(number, row))
        with (Path(folder) / "contacts.csv").open() as file:
            return [_case(row, done[row["contact"]]) for row in csv.DictReader(file)]


def no_rules() -> Scorecard:
    """The scorecard of a firm that has no rules yet."""
    return load(_NO_RULES, "no rules")


@cache
def _moment(day: str) -> datetime:
    return _START + timedelta(days=int(day))


def _activity(number: int, row: dict[str, str]) -> Activity:
    kind, subject = _told(row["kind"])
    return Activity(str(number), sys.intern(row["contact"]), kind, _moment(row["day"]), subject)


@cache
def _told(kind: str) -> tuple[str, Subject]:
    if kind in _KINDS:
        return _KINDS[kind], Subject("any", "1")
    page = kind.removeprefix("page.")
    return "page_viewed", Subject("page", "1", url=f"https://firm.example/{page}")


def _case(row: dict[str, str], done: list[Activity]) -> Case:
    fields = {
        "sector": row["sector"],
        "size": row["size"],
        "source": row["source"],
        "phone": "0102030405" if row["has_phone"] == "yes" else "",
        "email": f"c{row['contact']}@{'gmail.com' if row['freemail'] == 'yes' else 'firm.example'}",
    }
    past = history(done, [ProfileFact(_moment(row["created"]), "0", fields)])
    won = row["won_day"] != "-1"
    return Case(past, Outcome(_moment(row["won_day"]), "won") if won else None)


def learned(known: AsOf, day: int) -> Card:
    """The card of a day: its labels had matured."""
    moments = known.table.moments
    matured = moments + _HORIZON <= (_START.timestamp() / 86_400) + day
    return learn_card(known.table.take(matured))


def figures(script: Path) -> tuple[list[float], list[float], list[tuple[Card, list[Candidate]]]]:
    """AUC and calibration error on each tested day, and the cards."""
    cases = simulated(script)
    found = list(candidates(case.past for case in cases)[0])
    days = [_START + timedelta(days=day) for day in range(0, _TESTED[-1] + 1, _MONTH)]
    known = as_of(cases, found, no_rules(), days, timedelta(days=_HORIZON))
    areas, errors, cards = [], [], []
    for day in _TESTED:
        card = learned(known, day)
        test = known.table.take(known.table.moments == _START.timestamp() / 86_400 + day)
        score = card.score(test)
        areas.append(auc(test.won, score))
        errors.append(calibration_error(test.won, card.probability(score)))
        cards.append((card, found))
    return areas, errors, cards
