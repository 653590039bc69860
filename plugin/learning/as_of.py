"""What was known of contacts on each of some days, and who was won within a horizon.

A fold says what a rule gives at every moment by what had happened by then, so reading is as of the
day by construction. A contact is asked about while its outcome is open; a day whose horizon has
not ended yet says nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from plugin.scoring.evaluate import standing
from plugin.scoring.fold import folder
from plugin.scoring.history import History
from plugin.scoring.lines import Folding
from plugin.scoring.outcomes import Outcome
from plugin.scoring.scorecard import MICRO, Scorecard

from .candidates import Candidate, scorecard_of
from .case import Case
from .table import Flags, Floats, Table


@dataclass(frozen=True, slots=True)
class AsOf:
    """The table, and on the same rows what the present rules give and how recent the last sign is.

    ``recency`` is minus the days since the last activity.
    """

    table: Table
    present: Floats
    recency: Floats

    def take(self, rows: Flags) -> AsOf:
        """Some of the rows."""
        return AsOf(self.table.take(rows), self.present[rows], self.recency[rows])

    def on(self, days: Iterable[datetime]) -> AsOf:
        """The rows of these days."""
        return self.take(np.isin(self.table.moments, [_number(day) for day in days]))

    def without(self, names: Iterable[str]) -> AsOf:
        """The same rows with these columns left out."""
        return AsOf(self.table.without(names), self.present, self.recency)


def days_asked(cases: Iterable[Case], until: datetime, every: timedelta) -> tuple[datetime, ...]:
    """Days ``every`` so often, the last one ``until``, back to when the first contact was known."""
    known = [began for case in cases if (began := case.began) is not None]
    first = min(known, default=until)
    count = max(int((until - first) / every), 0)
    return tuple(until - every * back for back in range(count, -1, -1))


def as_of(
    cases: Sequence[Case],
    found: Sequence[Candidate],
    present: Scorecard,
    days: Sequence[datetime],
    horizon: timedelta,
) -> AsOf:
    """One row for each contact and day on which it was known and its outcome open."""
    # What a contact withdrew, or a machine did, teaches nothing either.
    asked_rules = scorecard_of(found, present.timezone)
    card = replace(asked_rules, consent=present.consent, evidence=present.evidence)
    places = {one.id: place for place, one in enumerate(found)}
    fold, fold_present = folder(card), folder(present)
    rows: list[np.ndarray[tuple[int], np.dtype[np.int8]]] = []
    won: list[bool] = []
    told: list[tuple[int, float, float, float]] = []
    for number, case in enumerate(cases):
        asked = [day for day in days if case.open(day)]
        if not asked:
            continue
        folding, held = fold(case.past), fold_present(case.past)
        for day in asked:
            rows.append(_given(folding, places, day))
            won.append(_won(case.outcome, day, horizon))
            points = standing(present, held, day).score / MICRO
            told.append((number, _number(day), points, _recency(case.past, day)))
    matrix = np.array(rows, dtype=np.int8).reshape(len(rows), len(found))
    numbers = np.array(told, dtype=np.float64).reshape(len(told), 4)
    columns = {one.id: matrix[:, place] for place, one in enumerate(found)}
    contacts = numbers[:, 0].astype(np.int64)
    families = {one.id: one.family for one in found if one.family}
    table = Table(columns, np.array(won, dtype=np.bool_), contacts, numbers[:, 1], families)
    return AsOf(table, numbers[:, 2], numbers[:, 3])


def _number(day: datetime) -> float:
    return day.timestamp() / 86_400


def _won(outcome: Outcome | None, day: datetime, horizon: timedelta) -> bool:
    return outcome is not None and outcome.result == "won" and outcome.at <= day + horizon


def _recency(past: History, day: datetime) -> float:
    last = next((one for one in reversed(past.activities) if one.occurred_at <= day), None)
    return -1e4 if last is None else (last.occurred_at - day) / timedelta(days=1)


def _given(
    folding: Folding, places: dict[str, int], day: datetime
) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """How often each rule gives its point on a day."""
    sums: defaultdict[str, int] = defaultdict(int)
    for line in folding.held:
        if line.valid_from <= day and (line.valid_to is None or day < line.valid_to):
            sums[line.rule] += 1
    for rule, activities, *_ in folding.earned:
        ages = [day - moment for one in activities if (moment := one.occurred_at) <= day]
        sums[rule.id] += rule.decay.left(rule.points, ages) // MICRO
    given = np.zeros(len(places), dtype=np.int8)
    for id, times in sums.items():
        given[places[id]] = times
    return given
