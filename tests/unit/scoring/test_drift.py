"""Scores that moved are told, and what chance alone brings is not."""

from __future__ import annotations

from random import Random

import pytest

from plugin.scoring.drift import Drift, Seen, drift, population_shift

SEED = 20260101


def seen(count: int, middle: float = 0.0, won: int = 0, seed: int = SEED) -> Seen:
    chance = Random(f"{seed} {count} {middle}")
    return Seen([chance.gauss(middle, 1) for _ in range(count)], won)


def test_scores_that_stay_as_they_were_are_steady() -> None:
    found = drift(seen(3_000, won=300), seen(2_000, won=190))
    assert found.level == "steady"
    assert found.psi is not None
    assert found.psi < 0.02
    assert found.ratio == pytest.approx(0.955, abs=0.005)


@pytest.mark.parametrize(("middle", "level"), [(0.4, "moved"), (0.7, "stopped")])
def test_scores_that_move_are_told_and_far_ones_stop_thresholds(middle: float, level: str) -> None:
    assert drift(seen(3_000), seen(3_000, middle)).level == level


@pytest.mark.parametrize(("won", "level"), [(100, "moved"), (260, "steady"), (600, "moved")])
def test_another_share_won_is_told(won: int, level: str) -> None:
    assert drift(seen(3_000, won=300), seen(3_000, won=won)).level == level


def test_a_few_wins_more_or_less_are_chance() -> None:
    found = drift(seen(200, won=6), seen(200, won=2))
    assert found.ratio is not None
    assert found.ratio < 0.67
    assert found.level == "steady"


def test_few_contacts_hardly_ever_alarm_by_chance() -> None:
    pairs = ((seen(60, seed=one), seen(60, seed=one + 1_000)) for one in range(1_000))
    assert sum(drift(*pair).level != "steady" for pair in pairs) <= 2


def test_too_few_contacts_say_nothing() -> None:
    assert drift(seen(29), seen(3_000, 5)) == Drift(None, None, "steady")
    assert drift(seen(3_000), seen(29, 5)) == Drift(None, None, "steady")


def test_points_that_all_are_alike_have_not_moved() -> None:
    assert population_shift([0.0] * 50, [0.0] * 40) < 0.01
    assert population_shift([0.0] * 50, [0.0] * 20 + [5.0] * 20) > 0.2
