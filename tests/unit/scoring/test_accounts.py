"""The score of a company from the scores of its people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.scoring.accounts import PERSON, ROLE, Person, account, account_key
from plugin.scoring.scorecard import MICRO
from tests.builders import moment

_NOW = moment(31)


def _person(name, points, role=None, day=30):
    return Person(name, points * MICRO, role, None if day is None else moment(day))


def test_n10_three_people_at_20_beat_one_at_60():
    three = account("name:three", "three", [_person(name, 20) for name in "abc"], _NOW)
    one = account("name:one", "one", [_person("a", 60)], _NOW)
    assert three.score == (20 + 10 + 5) * MICRO + 3 * PERSON
    assert one.score == 60 * MICRO + PERSON
    assert three.score > one.score


def test_n10_the_most_engaged_counts_whole_whatever_the_order():
    told = [_person("a", 8), _person("b", 40), _person("c", 20)]
    found = account("name:x", "x", told, _NOW)
    assert found.score == (40 + 10 + 2) * MICRO + 3 * PERSON
    assert [person.contact for person in found.people] == ["b", "c", "a"]


def test_n10_each_different_role_is_a_bonus_once():
    told = [_person("a", 0, "director"), _person("b", 0, "director"), _person("c", 0, "manager")]
    found = account("name:x", "x", told, _NOW)
    assert found.roles == ("director", "manager")
    assert found.score == 3 * PERSON + 2 * ROLE


@pytest.mark.parametrize(("day", "active"), [(1, 1), (0, 0), (None, 0)])
def test_n10_who_did_nothing_for_30_days_is_not_active(day, active):
    assert account("name:x", "x", [_person("a", 10, "director", day)], _NOW).active == active


def test_nobody_takes_away_from_the_account():
    assert account("name:x", "x", [_person("a", 20), _person("b", -50)], _NOW).score == (
        20 * MICRO + 2 * PERSON
    )


@given(st.lists(st.integers(-100, 100), min_size=1, max_size=8), st.integers(1, 100))
def test_one_more_person_never_lowers_an_account(scores, more):
    people = [_person(str(place), points) for place, points in enumerate(scores)]
    wider = [*people, _person("new", more)]
    assert account("name:x", "x", wider, _NOW).score >= account("name:x", "x", people, _NOW).score


def test_n10_a_free_mail_domain_is_no_account():
    free = frozenset({"gmail.com"})
    assert account_key("acme", None, None, "ada@gmail.com", free) is None
    assert account_key("acme", None, " ", "ada@Nova.example ", free) == "domain:nova.example"
    assert account_key("acme", None, "Nova  SA", "ada@gmail.com", free) == "name:nova sa"
    assert account_key("acme", "7", "Nova SA", "ada@gmail.com", free) == "id:acme/7"
    assert account_key("other", "7", "Nova SA", "ada@gmail.com", free) == "id:other/7"
    assert account_key("acme", None, None, None, free) is None
