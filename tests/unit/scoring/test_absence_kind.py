from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from connectors.activity import Evidence
from plugin.scoring.fold import fold
from plugin.scoring.kinds.absence import AbsenceSchema
from plugin.scoring.lines import Line
from tests.builders import card, contact, form, moment, profile, rule, visit


def folded(*told: Any, **keys: Any) -> tuple[Line, ...]:
    return fold(card(rule(-5, kind="absence", **keys)), contact(*told)).lines


def stretches(*told: Any, **keys: Any) -> list[tuple[Any, Any]]:
    given = {"no": "page_viewed", "for": "5d", **keys}
    return [(line.valid_from, line.valid_to) for line in folded(*told, **given)]


def test_silence_holds_from_some_days_after_the_last_activity_until_the_next() -> None:
    told = [visit("/", 1), visit("/", 3), visit("/", 10), visit("/", 15)]
    assert stretches(*told) == [(moment(8), moment(10)), (moment(20), None)]
    [line, _] = folded(*told, **{"no": "page_viewed", "for": "5d"})
    assert (line.reason, line.params, line.points) == ("absence.no", {"length": "5d"}, -5_000_000)


def test_who_never_did_it_is_silent_from_the_day_they_became_known() -> None:
    assert stretches(profile(2, email="a@b.fr")) == [(moment(7, 0), None)]
    assert stretches(form("Demo", 1), profile(2, x=1)) == [(moment(6), None)]
    assert stretches() == []


def test_only_the_chosen_activities_break_the_silence() -> None:
    chosen = {"activity": "page_viewed", "url": "*/pricing"}
    told = [visit("/pricing", 1), visit("/blog", 8), visit("/pricing", 9)]
    assert stretches(*told, no=chosen) == [(moment(6), moment(9)), (moment(14), None)]


def test_a_machine_does_not_break_the_silence() -> None:
    told = [visit("/", 1), visit("/", 4, evidence=Evidence.MACHINE)]
    assert stretches(*told) == [(moment(6), None)]


def test_only_an_email_is_gone_when_a_phone_number_is_known() -> None:
    told = [
        profile(1, email="a@b.fr", phone="", country="France"),
        profile(4, phone="1"),
        profile(6, phone=None),
    ]
    lines = folded(*told, only="email")
    assert [(line.valid_from, line.valid_to) for line in lines] == [
        (moment(1, 0), moment(4, 0)),
        (moment(6, 0), None),
    ]
    assert (lines[0].reason, lines[0].params) == ("absence.only", {"fields": "email"})


def test_only_asks_that_the_field_itself_be_known() -> None:
    assert not folded(profile(1, x=1), only=["email"])
    assert folded(profile(1, x=1), only="x", of=["x", "y"])
    assert not folded(profile(1, x=1, y=2), only="x", of=["x", "y"])


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({}, {"no": ["is missing; write no: page_viewed or only: email"]}),
        ({"no": "page_viewed"}, {"for": ["is missing; write for: 30d"]}),
        (
            {"no": "page_viewed", "for": "3d", "only": "email"},
            {"only": ["must not stand beside no; keep one of them"]},
        ),
        (
            {"no": {"activity": "page_viewed", "urls": "x"}, "for": "3d"},
            {"no": {"urls": ['is not known here; did you mean "url"?']}},
        ),
    ],
)
def test_mistakes_are_named_at_their_key(keys: dict[str, Any], problem: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        AbsenceSchema().load(keys)
    assert caught.value.messages == problem
