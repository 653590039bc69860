"""A proposal says when it is worth nothing, and a draft is what a person made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from learning_kit import SEED

from plugin.learning.as_of import AsOf
from plugin.learning.candidates import Candidate
from plugin.learning.proposal import Proposal, propose
from plugin.learning.question import Question
from plugin.learning.table import Table
from plugin.scoring.loading import load
from plugin.scoring.scorecard import MICRO
from plugin.services.draft_learned import UnknownRow, draft

ASKED = {"kind": "field", "if": {"field": "x", "present": True}, "label": {"en": "X"}}
FOUND = [Candidate(name, "fit", ASKED) for name in ("demo", "noise", "customers")]
QUESTION = Question(timedelta(days=5), timedelta(days=1), 1_000, calls=(20, 200))
SOURCE = """
# Ours.
name: Firm
groups:
  - id: all
    dimension: fit
    rules:
      - {id: phone, kind: field, points: 5, if: {field: phone, present: true}}
bands:
  - {id: cold}
  - {id: hot, enter: 20, leave: 15}  # as sales asked
outcomes: {won: {tag: customer}}
"""


def _known(lucky: bool = False, leak: bool = False, rows: int = 4_000, seed: int = SEED) -> AsOf:
    chance = np.random.default_rng(seed)
    demo = (chance.random(rows) < 0.2).astype(np.int8)
    won = chance.random(rows) < np.where(demo, 0.3, 0.06)
    if lucky:
        won = chance.permutation(won)
    columns = {
        "demo": demo,
        "noise": (chance.random(rows) < 0.5).astype(np.int8),
        "customers": (won & (chance.random(rows) < 0.5 * leak)).astype(np.int8),
    }
    days = np.repeat(np.arange(100.0), rows // 100)
    table = Table(columns, won, np.arange(rows), days)
    return AsOf(table, chance.random(rows) * 30, chance.random(rows))


def _proposed(known: AsOf) -> Proposal:
    return propose(known, known, FOUND, {"hot": 20}, QUESTION)


def test_many_wins_bring_a_card_with_a_planted_row_and_bands_as_full_as_before() -> None:
    found = _proposed(_known())
    assert (found.advice, found.form) == ("adopt", "card")
    [row] = [row for row in found.rows if row.id == "demo"]
    assert 0 < row.low <= row.points <= row.high
    assert row.stability == 1
    assert found.gain is not None
    assert found.gain.low > 0
    assert found.bands["hot"] <= row.points
    assert found.calibration_error is not None
    assert found.calibration_error < 0.05


def test_random_outcomes_are_no_better_than_chance() -> None:
    assert _proposed(_known(lucky=True)).advice == "no_better_than_chance"


def test_a_rule_that_knows_the_win_is_left_out_by_name_until_somebody_allows_it() -> None:
    known = _known(leak=True)
    found = _proposed(known)
    assert [leak.column for leak in found.leaks] == ["customers"]
    assert "customers" not in {row.id for row in found.rows}
    question = replace(QUESTION, allowed=frozenset({"customers"}))
    allowed = propose(known, known, FOUND, {"hot": 20}, question)
    assert allowed.leaks == ()
    assert "customers" in {row.id for row in allowed.rows}


@pytest.mark.parametrize("rows", [500, 4_000])
@pytest.mark.parametrize("seed", [1, 3, 4])
def test_points_lie_within_their_own_interval(rows: int, seed: int) -> None:
    found = _proposed(_known(rows=rows, seed=seed))
    assert found.form == ("corrections" if rows == 500 else "card")
    assert found.rows
    for row in found.rows:
        assert row.low <= row.points <= row.high


def test_calls_a_week_and_shares_won_have_a_threshold_each() -> None:
    known = _known()
    found = propose(known, _weekly(known), FOUND, {"hot": 20}, QUESTION)
    [row] = [row for row in found.rows if row.id == "demo"]
    assert found.thresholds is not None
    assert not found.thresholds.stopped
    few, many = found.thresholds.capacity
    assert (few.asked, many.asked) == (20, 200)
    # In each of two weeks 20 contacts come to look at the demo, and 80 more come to nothing.
    assert (few.least, few.a_week) == (row.points, 20)
    assert (many.least, many.a_week) == (0, 100)
    assert few.precision is not None
    assert few.precision.low < 0.3 < few.precision.high
    assert few.precision.low > found.base
    for one in found.thresholds.precision:
        assert one.precision is not None
        assert one.precision.value >= one.asked


def test_where_scores_moved_too_far_no_threshold_follows_the_calls() -> None:
    known = _known()
    moved = known.table.columns["demo"].copy()
    moved[known.table.moments >= 80] = 1
    columns = {**known.table.columns, "demo": moved}
    found = _proposed(replace(known, table=replace(known.table, columns=columns)))
    assert found.drift is not None
    assert found.drift > 0.2
    assert found.thresholds is not None
    assert (found.thresholds.stopped, found.thresholds.capacity) == (True, ())
    assert found.thresholds.precision


def test_what_protected_fields_bring_is_told_beside_the_rest() -> None:
    known = _known()
    assert _proposed(known).cost is None
    found = [replace(one, trait="age" if one.id == "demo" else None) for one in FOUND]
    cost = propose(known, known, found, {"hot": 20}, QUESTION).cost
    assert cost is not None
    assert cost.used.value > 0.6
    assert cost.left_out.value == pytest.approx(0.5, abs=0.05)
    assert cost.gain.value == pytest.approx(cost.used.value - cost.left_out.value)


def _weekly(known: AsOf) -> AsOf:
    """Two hundred that were known and did nothing, and as many who came in the two weeks after."""
    columns = {name: column[:400].copy() for name, column in known.table.columns.items()}
    columns["demo"][:] = 0
    columns["demo"][200:240] = 1
    moments = np.array([0.0] * 200 + [7.0] * 100 + [14.0] * 100)
    nobody = np.zeros(400, dtype=np.bool_)
    table = Table(columns, nobody, np.arange(400), moments)
    return AsOf(table, np.zeros(400), np.zeros(400))


def _told(form: str) -> dict[str, Any]:
    rows = [
        {"id": name, "dimension": "fit", "rule": ASKED, "points": points}
        for name, points in (("learned-3", 12), ("learned-8", -4))
    ]
    return {"form": form, "rows": rows, "bands": {"hot": 9}}


def test_corrections_are_added_and_the_rest_stays_as_it_was_written() -> None:
    text = draft(SOURCE, _told("corrections"), {"learned-8"}, {"learned-3": 7})
    card = load(text, "draft")
    assert {rule.id: rule.points // MICRO for rule in card.rules} == {"phone": 5, "learned-1": 7}
    assert card.bands[1].enter == 20 * MICRO
    assert "# as sales asked" in text


def test_a_second_draft_takes_ids_that_are_free() -> None:
    once = draft(SOURCE, _told("corrections"), (), {})
    twice = load(draft(once, _told("corrections"), (), {}), "draft")
    assert len({rule.id for rule in twice.rules}) == 5


def test_a_card_replaces_the_rules_and_moves_the_bands() -> None:
    card = load(draft(SOURCE, _told("card"), (), {}), "draft")
    assert [rule.points // MICRO for rule in card.rules] == [12, -4]
    hot = card.bands[1]
    assert (hot.enter, hot.leave) == (9 * MICRO, 8 * MICRO)
    assert card.outcomes


def test_a_decision_on_an_unknown_row_names_the_rows_there_are() -> None:
    with pytest.raises(UnknownRow, match=r"no row x .*; its rows: learned-3, learned-8"):
        draft(SOURCE, _told("card"), ("x",), {})
