from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from connectors.activity import Activity, Evidence, Subject
from plugin.scoring.fold import fold
from plugin.scoring.kinds.rate import RateSchema
from plugin.scoring.lines import Line
from tests.builders import activity, card, contact, moment, rule


def mail(kind: str, number: int, day: float, **given: Any) -> Activity:
    return activity(
        kind, Subject("email", str(number), category=given.pop("of", None)), moment(day), **given
    )


def sent(number: int, day: float, **given: Any) -> Activity:
    return mail("email_sent", number, day, **given)


def opened(number: int, day: float, **given: Any) -> Activity:
    return mail("email_opened", number, day, **given)


def folded(*told: Activity, **keys: Any) -> tuple[Line, ...]:
    given = {"of": "opens", "at_least": "60%", **keys}
    return fold(card(rule(10, kind="rate", **given)), contact(*told)).lines


def test_eight_of_ten_is_worth_more_than_one_of_one() -> None:
    ten = [sent(number, number) for number in range(1, 11)]
    eight = [opened(number, number + 0.5) for number in range(1, 9)]
    assert folded(*ten, *eight)
    assert not folded(sent(1, 1), opened(1, 2))
    assert folded(sent(1, 1), opened(1, 2), at_least="40%")  # (1 + 1) / (1 + 4)
    assert not folded(sent(1, 1), opened(1, 2), at_least="41%")


def test_the_points_start_and_end_where_the_rate_passes_the_threshold() -> None:
    told = [sent(1, 1), opened(1, 2), sent(2, 3), opened(2, 4), sent(3, 5), sent(4, 6)]
    lines = folded(*told, at_least="40%", at_most="45%")
    # 1/5, 2/5, 2/6, 3/6, 3/7, 3/8
    assert [(line.valid_from, line.valid_to) for line in lines] == [
        (moment(2), moment(3)),
        (moment(5), moment(6)),
    ]
    assert {(line.points, line.reason, line.params["times"]) for line in lines} == {
        (10_000_000, "rate.opens", 1)
    }


def test_nothing_is_said_before_enough_was_sent() -> None:
    told = [sent(1, 1), sent(2, 2), sent(3, 3)]
    [line] = folded(*told, at_least="0%", at_most="30%", sends=3)
    assert line.valid_from == moment(3)


def test_a_mail_opened_many_times_counts_once() -> None:
    again = [opened(1, 2, id=str(number)) for number in range(9)]
    assert not folded(sent(1, 1), *again, at_least="41%")


def test_opens_of_the_same_mail_go_to_the_sending_they_belong_to() -> None:
    told = [sent(1, 1, stat="a"), sent(1, 2, stat="b"), opened(1, 3, stat="b")]
    assert folded(*told, opened(1, 4, stat="a"), at_least="50%")
    assert not folded(*told, opened(1, 4, stat="b"), at_least="50%")


def test_a_hit_whose_sending_is_not_known_is_no_hit() -> None:
    assert not folded(opened(1, 1), sent(1, 2), at_least="21%")
    assert not folded(sent(1, 1, stat="a"), opened(1, 2, stat="b"), at_least="21%")


def test_an_open_in_the_second_of_its_sending_comes_after_it() -> None:
    anybody = ("human", "unknown", "machine")
    told = [sent(1, 1, id="z"), opened(1, 1, id="a")]
    assert folded(*told, at_least="40%", evidence=anybody)


def test_what_a_machine_opened_is_no_hit() -> None:
    assert not folded(sent(1, 1), opened(1, 2, evidence=Evidence.MACHINE), at_least="21%")


def test_clicks_start_from_a_lower_expectation_which_can_be_set() -> None:
    told = [sent(1, 1), mail("email_clicked", 1, 2)]
    assert folded(*told, of="clicks", at_least="24%")[0].reason == "rate.clicks"
    assert not folded(*told, of="clicks", at_least="25%")
    assert folded(*told, of="clicks", at_least="60%", prior={"rate": "20%", "sends": 1})


def test_only_mails_of_the_category_are_counted() -> None:
    told = [sent(1, 1, of="promo"), sent(2, 1), sent(3, 1), opened(1, 2)]
    assert folded(*told, at_least="40%", category="promo")
    assert not folded(*told, at_least="40%")
    assert not folded(*told, at_least="21%", email=2)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({}, {"at_least": ["is missing; write at_least: 60% or at_most: 10%"]}),
        (
            {"at_least": "20%", "at_most": "10%"},
            {"at_most": ["must not be under at_least"]},
        ),
        (
            {"at_least": "half"},
            {"at_least": ['must be a percentage between 0% and 100%, not "half"']},
        ),
    ],
)
def test_mistakes_are_named_at_their_key(keys: dict[str, Any], problem: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        RateSchema().load({"of": "opens"} | keys)
    assert caught.value.messages == problem
