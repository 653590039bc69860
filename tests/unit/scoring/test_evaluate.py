from __future__ import annotations

from fractions import Fraction

import pytest

from plugin.scoring.evaluate import Adjustment, evaluate, whole_points
from plugin.scoring.fold import fold
from plugin.scoring.scorecard import MICRO
from tests.builders import bounded, card, contact, form, moment, profile, rule, visit

PAGE, FORM = rule(10, id="page", decay="linear:10d"), rule(7, id="form", activity="form_submitted")
FIT = rule(25, id="fit", when={"field": "x", "present": True})
TOLD = contact(visit("/", day=1), form("Demo", day=2), profile(3, x=1))


def score(scorecard: object, day: float) -> int:
    lines = fold(scorecard, TOLD).lines  # type: ignore[arg-type]
    return evaluate(scorecard, lines, moment(day)).score // MICRO  # type: ignore[arg-type]


def test_the_score_of_every_day_is_the_sum_of_what_was_true_then() -> None:
    scorecard = card(PAGE, FORM, FIT)
    assert [score(scorecard, day) for day in (0, 1, 2, 3, 11, 12)] == [0, 10, 16, 40, 32, 32]


def test_a_line_counts_from_its_moment_on() -> None:
    lines = fold(card(PAGE), TOLD).lines
    just_before = moment(1) - (moment(1) - moment(1, 11, 59)) / 60
    assert evaluate(card(PAGE), lines, just_before).contributions == ()
    assert evaluate(card(PAGE), lines, moment(1)).score == 10 * MICRO


def test_a_held_line_no_longer_counts_at_its_end() -> None:
    told = contact(profile(1, x=1), profile(3, x=None))
    lines = fold(card(FIT), told).lines
    assert [evaluate(card(FIT), lines, moment(day, 0)).score for day in (1, 2, 3)] == [
        25 * MICRO,
        25 * MICRO,
        0,
    ]


def test_a_cap_of_a_group_is_a_line_of_its_own() -> None:
    scorecard = card(PAGE, FIT, groups={"pages": bounded(cap=4), "profile": bounded(floor=30)})
    evaluation = evaluate(scorecard, fold(scorecard, TOLD).lines, moment(3))
    assert evaluation.adjustments == (
        Adjustment("group", "pages", "cap", -4 * MICRO),
        Adjustment("group", "profile", "floor", 5 * MICRO),
    )
    assert evaluation.groups == {"pages": 4 * MICRO, "forms": 0, "profile": 30 * MICRO}
    assert evaluation.dimensions == {"fit": 30 * MICRO, "engagement": 4 * MICRO}
    assert evaluation.score == 34 * MICRO


def test_weights_and_bounds_of_dimensions_and_of_the_score_are_lines_too() -> None:
    scorecard = card(
        PAGE,
        FIT,
        fit=bounded(cap=20),
        weights={"fit": Fraction(1, 3), "engagement": Fraction(2)},
        score=bounded(cap=15),
    )
    evaluation = evaluate(scorecard, fold(scorecard, TOLD).lines, moment(3))
    assert evaluation.adjustments == (
        Adjustment("dimension", "fit", "cap", -5 * MICRO),
        Adjustment("dimension", "fit", "weight", -13_333_333),
        Adjustment("dimension", "engagement", "weight", 8 * MICRO),
        Adjustment("score", "score", "cap", -7_666_667),
    )
    assert evaluation.dimensions == {"fit": 20 * MICRO, "engagement": 8 * MICRO}
    assert evaluation.score == 15 * MICRO


@pytest.mark.parametrize(
    ("points", "grade"), [(31, "A"), (30, "A"), (29.9, "B"), (10, "C"), (0, "D"), (-5, "D")]
)
def test_the_grade_comes_from_fit_alone(points: float, grade: str) -> None:
    scorecard = card(rule(points, when={"field": "x", "present": True}), rule(100, id="page"))
    evaluation = evaluate(scorecard, fold(scorecard, TOLD).lines, moment(4))
    assert evaluation.grade == grade


@pytest.mark.parametrize(
    ("micro", "whole"), [(2_499_999, 2), (2_500_000, 3), (-2_500_000, -2), (-2_500_001, -3)]
)
def test_the_written_score_is_rounded_half_up(micro: int, whole: int) -> None:
    assert whole_points(micro) == whole
