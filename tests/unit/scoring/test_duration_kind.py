from __future__ import annotations

from typing import Any

import pytest

from plugin.scoring.fold import fold
from plugin.scoring.lines import Folding
from tests.builders import card, contact, moment, rule, visit


def folded(*told: Any, **keys: Any) -> Folding:
    return fold(card(rule(kind="duration", seconds=240, **keys)), contact(*told))


def test_long_enough_on_a_page_earns_at_the_moment_of_the_view() -> None:
    folding = folded(
        visit("/product", 1, seconds=239.9), visit("/product", 2, seconds=240, id="long")
    )
    [line] = folding.lines
    assert (line.activities, line.valid_from) == (("long",), moment(2))
    assert (line.reason, line.params["seconds"]) == ("duration.page", 240)
    assert folding.skipped == ()


@pytest.mark.parametrize("seconds", [None, "240", True, -1, float("nan"), float("inf")])
def test_a_time_that_is_not_known_is_told_and_is_not_zero(seconds: Any) -> None:
    folding = folded(visit("/", seconds=seconds))
    assert not folding.lines
    assert [skipped.reason for skipped in folding.skipped] == ["duration.unknown"]


def test_what_is_learned_later_of_a_view_counts_from_the_view_on() -> None:
    seen = visit("/", id="1")
    told = contact(seen, visit("/", id="1", seconds=500), seen)
    [line] = fold(card(rule(kind="duration", seconds=240)), told).lines
    assert line.valid_from == moment(1)


def test_times_of_one_session_add_up_and_earn_once() -> None:
    told = [visit("/", 1, 12, minute, seconds=130, id=str(minute)) for minute in (0, 5, 10, 15)]
    folding = folded(*told, visit("/", 1, 18, seconds=130), per="session")
    [line] = folding.lines
    assert (line.activities, line.params["seconds"]) == (("5",), 260)
    assert line.reason == "duration.session"


def test_a_session_with_an_unknown_time_adds_up_what_is_known() -> None:
    told = [visit("/", 1, 12, 0), visit("/", 1, 12, 5, seconds=240)]
    folding = folded(*told, per="session")
    assert len(folding.lines) == len(folding.skipped) == 1


def test_a_limit_holds_for_long_views_only() -> None:
    told = [visit("/", 1, 9, seconds=1), *(visit("/", 1, hour, seconds=300) for hour in (10, 11))]
    folding = folded(*told, limit={"times": 1, "per": "day"})
    assert [line.valid_from for line in folding.lines] == [moment(1, 10)]
    assert [skipped.reason for skipped in folding.skipped] == ["limit.day"]
