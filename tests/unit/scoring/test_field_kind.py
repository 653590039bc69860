from __future__ import annotations

from plugin.scoring.evaluate import evaluate
from plugin.scoring.fold import fold
from tests.builders import card, contact, form, moment, profile, rule, visit

PHONE = rule(5, id="phone", when={"field": "phone", "present": True})
ONLY_AN_EMAIL = rule(-6, id="only", when={"field": "phone", "present": False})


def test_points_are_held_exactly_while_the_condition_is_true() -> None:
    history = contact(
        profile(1, email="a@example.org"),
        profile(3, phone="1"),
        profile(4, phone="2"),
        profile(6, phone=None),
        profile(8, phone="3"),
    )
    lines = fold(card(PHONE), history).lines
    assert [(line.valid_from, line.valid_to) for line in lines] == [
        (moment(3, 0), moment(6, 0)),
        (moment(8, 0), None),
    ]
    assert {(line.points, line.activities, line.reason) for line in lines} == {
        (5_000_000, (), "field")
    }
    assert lines[0].params == {"fields": "phone"}


def test_a_condition_that_stays_true_to_the_end_is_one_line() -> None:
    [line] = fold(card(PHONE), contact(profile(1, phone="1"), profile(2, city="Lyon"))).lines
    assert (line.valid_from, line.valid_to) == (moment(1, 0), None)


def test_a_contact_who_leaves_only_an_email_gets_its_points_back_with_a_phone() -> None:
    scorecard = card(ONLY_AN_EMAIL)
    history = contact(form("Newsletter"), profile(1, email="a@b.fr"), profile(5, phone="1"))
    lines = fold(scorecard, history).lines
    assert evaluate(scorecard, lines, moment(4)).score == -6_000_000
    assert evaluate(scorecard, lines, moment(5, 0)).score == 0


def test_nothing_is_held_before_anything_is_known() -> None:
    scorecard = card(ONLY_AN_EMAIL)
    assert fold(scorecard, contact(visit("/"))).lines == ()
    lines = fold(scorecard, contact(visit("/"), profile(3, email="a@b.fr"))).lines
    assert [line.valid_from for line in lines] == [moment(3, 0)]


def test_a_new_job_title_replaces_the_points_of_the_old_one() -> None:
    scorecard = card(
        rule(3, id="manager", when={"field": "position", "contains": "manager"}),
        rule(5, id="director", when={"field": "position", "contains": "director"}),
    )
    history = contact(profile(1, position="Manager"), profile(9, position="Director"))
    lines = fold(scorecard, history).lines
    assert evaluate(scorecard, lines, moment(8)).score == 3_000_000
    assert evaluate(scorecard, lines, moment(9)).score == 5_000_000


def test_held_points_start_and_end_with_the_dates_of_the_rule() -> None:
    dated = rule(
        5,
        when={"field": "phone", "present": True},
        valid_from=moment(3, 0),
        valid_to=moment(6, 0),
    )
    history = contact(
        profile(1, phone="1"),
        profile(2, phone=None),
        profile(2, hour=1, phone="1"),
        profile(4, phone=None),
        profile(5, phone="2"),
        profile(7, phone=None),
        profile(8, phone="3"),
    )
    assert [(line.valid_from, line.valid_to) for line in fold(card(dated), history).lines] == [
        (moment(3, 0), moment(4, 0)),
        (moment(5, 0), moment(6, 0)),
    ]


def test_a_rule_that_is_off_holds_nothing() -> None:
    off = rule(5, when={"field": "phone", "present": True}, on=False)
    assert fold(card(off), contact(profile(1, phone="1"))).lines == ()
