from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kind_strategies import activities
from marshmallow import ValidationError

from connectors.activity import Activity, Evidence, Subject
from plugin.scoring.fold import fold
from plugin.scoring.history import History, history
from plugin.scoring.kinds.repeat import RepeatSchema
from plugin.scoring.lines import Line
from tests.builders import activity, card, contact, download, moment, rule, visit


def earned(told: History, **keys: Any) -> tuple[Line, ...]:
    return fold(card(rule(kind="repeat", activity="page_viewed", **keys)), told).lines


def click(mail: str, day: float) -> Activity:
    return activity("email_clicked", Subject("email", mail), moment(day))


def test_the_third_session_earns_once_and_refreshes_do_not_count() -> None:
    told = contact(
        *(visit("/pricing", 1, 12, minute) for minute in (0, 1, 2)),
        visit("/pricing", 1, 15),
        visit("/pricing", 2, 9, id="third"),
        visit("/pricing", 2, 9, 10),
        visit("/pricing", 5),
    )
    [line] = earned(told, nth=3, by="session")
    assert line.valid_from == moment(2, 9)
    assert line.activities[-1] == "third"
    assert len(line.activities) == 3
    assert (line.reason, line.params["times"]) == ("repeat.session", 3)


def test_other_pages_keep_a_session_open_and_half_an_hour_of_silence_ends_it() -> None:
    between = [visit("/blog", 1, 12, minute) for minute in (20, 40)]
    twice = [visit("/pricing", 1, 12), visit("/pricing", 1, 13)]
    assert earned(contact(*twice), url="*/pricing", nth=2, by="session")
    assert not earned(contact(*twice, *between), url="*/pricing", nth=2, by="session")
    gap = [visit("/pricing", 1, 12), visit("/pricing", 1, 12, 30)]
    assert earned(contact(*gap), nth=2, by="session")


@pytest.mark.parametrize(
    "silent",
    [
        activity("email_sent", Subject("email", "1"), moment(1, 12, 20)),
        visit("/blog", 1, 12, 20, evidence=Evidence.MACHINE),
    ],
)
def test_what_a_platform_or_a_machine_does_keeps_no_session_open(silent: Activity) -> None:
    told = contact(visit("/pricing", 1, 12), silent, visit("/pricing", 1, 12, 40))
    assert earned(told, nth=2, by="session")


def test_every_second_time_earns_again_and_nothing_counts_twice() -> None:
    told = contact(*(visit("/", day, id=str(day)) for day in range(1, 6)))
    assert [line.activities for line in earned(told, every=2)] == [("1", "2"), ("3", "4")]
    assert [line.activities for line in earned(told, nth=2)] == [("1", "2")]
    assert earned(told, every=2)[0].reason == "repeat.activity"


def test_a_session_that_went_into_a_bonus_goes_into_no_other() -> None:
    told = contact(visit("/", 1), visit("/", 2, 12), visit("/", 2, 12, 5), visit("/", 3))
    assert len(earned(told, every=2, by="session")) == 1


def test_the_third_different_resource_earns_and_the_same_file_twice_counts_once() -> None:
    files = ["guide", "guide", "study", "prices", "other"]
    told = contact(*(download(name, day) for day, name in enumerate(files, 1)))
    scorecard = card(rule(kind="repeat", activity="asset_downloaded", nth=3, by="subject"))
    [line] = fold(scorecard, told).lines
    assert (line.valid_from, line.params["subject"]) == (moment(4), "prices")
    assert [id.split("@")[0] for id in line.activities] == [
        f"asset_downloaded:{name}" for name in ("guide", "study", "prices")
    ]


def test_four_different_days_are_more_than_four_views_of_a_minute() -> None:
    keys: dict[str, Any] = {"nth": 4, "by": "day", "within": "14d"}
    days = contact(*(visit("/", day) for day in (1, 4, 8, 14)))
    minute = contact(*(visit("/", 1, 12, 0, id=str(each)) for each in range(4)))
    too_far = contact(*(visit("/", day) for day in (1, 4, 8, 15)))
    assert [len(earned(told, **keys)) for told in (days, minute, too_far)] == [1, 0, 0]


def test_a_day_is_a_day_of_the_scorecards_timezone() -> None:
    told = contact(visit("/", 1, 22, 30), visit("/", 1, 23, 30))  # 23:30 and 00:30 in Paris
    assert earned(told, nth=2, by="day")
    assert not earned(contact(visit("/", 1, 21), visit("/", 1, 22, 30)), nth=2, by="day")


def test_clicks_in_three_mails_count_only_within_the_stretch() -> None:
    keys: dict[str, Any] = {"kind": "repeat", "activity": "email_clicked", "by": "subject"}
    scorecard = card(rule(**keys, nth=3, within="30d"))
    assert fold(scorecard, contact(click("1", 1), click("2", 9), click("3", 30))).lines
    assert not fold(scorecard, contact(click("1", 1), click("2", 9), click("3", 31))).lines
    again = contact(click("1", 1), click("2", 9), click("1", 20), click("3", 31))
    [line] = fold(scorecard, again).lines
    assert [id.removeprefix("email_clicked:") for id in line.activities] == [
        "2@09.120000",
        "1@20.120000",
        "3@31.120000",
    ]


@given(st.lists(activities(), max_size=14), st.integers(1, 4), st.booleans())
def test_without_a_stretch_the_bonuses_are_the_different_ones_by_n(
    seen: list[Activity], times: int, again: bool
) -> None:
    told = history([each_with_id(each, str(place)) for place, each in enumerate(seen)], [])
    views = [each for each in told.activities if each.kind == "page_viewed"]
    counted = [each for each in views if each.evidence is not Evidence.MACHINE]
    bonuses = len({each.subject.url for each in counted}) // times
    number = {"every" if again else "nth": times}
    assert len(earned(told, by="subject", **number)) == (bonuses if again else min(bonuses, 1))


def each_with_id(given: Activity, id: str) -> Activity:
    return activity(given.kind, given.subject, given.occurred_at, id=id, evidence=given.evidence)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({}, {"nth": ["is missing; write nth: 3 (once) or every: 3"]}),
        ({"nth": 2, "every": 3}, {"every": ["must not stand beside nth; keep one of them"]}),
        ({"nth": 0}, {"nth": ["must be a whole number from 1 up"]}),
        (
            {"nth": 2, "by": "week"},
            {"by": ['"week" is not known; allowed: activity, session, day, subject']},
        ),
        (
            {"nth": 2, "within": "soon"},
            {"within": ["must be a duration such as 30d, 12h or 15m, at most 36500d"]},
        ),
    ],
)
def test_mistakes_are_named_at_their_key(keys: dict[str, Any], problem: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        RepeatSchema().load({"activity": "page_viewed"} | keys)
    assert caught.value.messages == problem
