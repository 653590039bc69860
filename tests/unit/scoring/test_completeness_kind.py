from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from connectors.activity import Activity, Evidence
from plugin.scoring.fold import fold
from plugin.scoring.kinds.completeness import CompletenessSchema
from plugin.scoring.lines import Line
from tests.builders import card, contact, form, moment, profile, rule

OPTIONAL = ["phone", "company", "position", "budget"]


def folded(*told: Any, points: float = 3, **keys: Any) -> tuple[Line, ...]:
    return fold(card(rule(points, kind="completeness", **keys)), contact(*told)).lines


def sent(day: float, name: str = "Demo", **answers: Any) -> Activity:
    return form(name, day, id=name, answers=answers, optional=OPTIONAL)


def test_each_field_of_the_profile_that_is_known_gives_points_while_it_is() -> None:
    lines = folded(
        profile(1, email="a@b.fr", phone=""),
        profile(2, phone="1"),
        profile(3, company="Nova"),
        profile(4, phone=None),
        profile(5, company=None),
        fields=["phone", "company"],
    )
    assert [(line.valid_from, line.valid_to, line.points) for line in lines] == [
        (moment(2, 0), moment(3, 0), 3_000_000),
        (moment(3, 0), moment(4, 0), 6_000_000),
        (moment(4, 0), moment(5, 0), 3_000_000),
    ]
    assert (lines[1].reason, lines[1].params) == ("completeness", {"times": 2})


def test_optional_answers_give_three_points_each_capped_at_nine() -> None:
    three = sent(1, email="a@b.fr", phone="1", company="Nova", position="CEO")
    four = sent(2, phone="1", company="Nova", position="CEO", budget="high")
    for told in ([three], [four]):
        assert [line.points for line in folded(*told, form="demo", cap=9)] == [9_000_000]
    assert [line.points for line in folded(sent(1, phone="1", budget=" "), form="demo")] == [
        3_000_000
    ]
    assert [line.points for line in folded(four, points=-3, form="demo", cap=9)] == [-9_000_000]


def test_the_latest_submission_of_each_form_counts() -> None:
    lines = folded(
        sent(1, phone="1", company="Nova"),
        sent(2, phone="1"),
        sent(3, "Other", budget="high"),
        sent(4),
        form="*",
    )
    assert [(line.valid_from, line.points) for line in lines] == [
        (moment(1), 6_000_000),
        (moment(2), 3_000_000),
        (moment(3), 6_000_000),
        (moment(4), 3_000_000),
    ]


def test_a_form_whose_optional_fields_are_not_known_says_nothing() -> None:
    unknown = form("Demo", 2, id="Demo", answers={"phone": "1"})
    assert not folded(unknown, form="demo")
    [line] = folded(sent(1, phone="1"), unknown, form="demo")
    assert (line.valid_from, line.valid_to) == (moment(1), None)


def test_another_form_and_what_a_machine_sent_do_not_count() -> None:
    by_machine = form(
        "Demo", 1, answers={"phone": "1"}, optional=OPTIONAL, evidence=Evidence.MACHINE
    )
    assert not folded(by_machine, sent(2, "Other", phone="1"), form="demo")
    assert not folded(form("Demo", 1, optional=OPTIONAL), form="demo")


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({}, {"fields": ["is missing; write fields: [phone, …] or form: …"]}),
        (
            {"fields": "x", "form": "y"},
            {"form": ["must not stand beside fields; keep one of them"]},
        ),
        ({"fields": "x", "cap": 0}, {"cap": ["must be above 0"]}),
    ],
)
def test_mistakes_are_named_at_their_key(keys: dict[str, Any], problem: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        CompletenessSchema().load(keys)
    assert caught.value.messages == problem
