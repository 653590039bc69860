from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kind_strategies import birthdays
from marshmallow import ValidationError

from plugin.scoring.ages import parse_ages
from plugin.scoring.conditions import compile_condition
from plugin.scoring.fold import fold
from plugin.scoring.wordlists import LEVELS, free_mail_domains, level_of
from tests.builders import card, contact, profile, rule

TWENTIES = {"field": "birthday", "age": [20, 29]}


def stretches(*told: Any, when: Any = TWENTIES) -> list[tuple[Any, Any]]:
    lines = fold(card(rule(when=when)), contact(*told)).lines
    return [(line.valid_from, line.valid_to) for line in lines]


def midnight(year: int, month: int, day: int, hour: int = 23) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_an_age_begins_and_ends_on_birthdays_in_the_scorecards_timezone() -> None:
    [(start, end)] = stretches(profile(1, birthday="2006-05-17"))
    assert start == midnight(2026, 5, 16, 22)
    assert end == midnight(2036, 5, 16, 22)


def test_who_is_of_that_age_already_counts_from_when_it_is_known() -> None:
    [(start, end)] = stretches(profile(1, birthday="1999-12-24"))
    assert (start, end) == (datetime(2026, 3, 1, tzinfo=UTC), midnight(2029, 12, 23))


def test_a_birthday_that_is_corrected_moves_the_ages_after_it() -> None:
    told = [profile(1, birthday="2006-03-03"), profile(5, birthday="2006-03-10")]
    assert [start for start, _ in stretches(*told)] == [midnight(2026, 3, 2), midnight(2026, 3, 9)]
    assert stretches(*told)[0][1] == datetime(2026, 3, 5, tzinfo=UTC)


def test_not_of_an_age_turns_the_other_way() -> None:
    [(start, end), (later, none)] = stretches(
        profile(1, birthday="2006-05-17"), when={"not": TWENTIES}
    )
    assert (start, end) == (datetime(2026, 3, 1, tzinfo=UTC), midnight(2026, 5, 16, 22))
    assert (later, none) == (midnight(2036, 5, 16, 22), midnight(2127, 5, 16, 22))


@pytest.mark.parametrize("birthday", [None, "", "soon", "0001-01-01", "9999-01-01"])
@pytest.mark.parametrize("when", [TWENTIES, {"not": TWENTIES}])
def test_an_unknown_birthday_is_no_mismatch(birthday: Any, when: Any) -> None:
    assert stretches(profile(1, birthday=birthday, x=1), when=when) == []


def test_a_leapling_turns_on_the_first_of_march() -> None:
    ages = parse_ages([18, 20])
    assert ages.turns("2004-02-29")[1:3] == (date(2022, 3, 1), date(2025, 3, 1))
    assert not ages.holds("2004-02-29", date(2022, 2, 28))
    assert ages.holds("2004-02-29", date(2022, 3, 1))


def test_who_is_not_born_yet_or_too_old_has_no_age() -> None:
    ages = parse_ages([0, 120])
    assert ages.holds("2026-03-02", date(2026, 3, 1)) is None
    assert ages.holds("1900-01-01", date(2020, 12, 31)) is True
    assert ages.holds("1900-01-01", date(2021, 1, 1)) is None


@given(birthdays, st.dates(date(2000, 1, 1), date(2130, 1, 1)), st.integers(0, 120))
def test_ages_turn_on_no_other_day(birthday: Any, day: date, low: int) -> None:
    ages = parse_ages([low, min(low + 3, 120)])
    before = date.fromordinal(day.toordinal() - 1)
    if ages.holds(birthday, day) is not ages.holds(birthday, before):
        assert day in ages.turns(birthday)


@pytest.mark.parametrize("operand", [20, "20", [20], [20, "30"], [True, 30], [-1, 5], [20, 121]])
def test_ages_are_two_numbers(operand: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        compile_condition({"field": "birthday", "age": operand})
    assert caught.value.messages == {"age": ["must be two ages from 0 to 120, such as [20, 30]"]}


def test_ages_name_the_lower_one_first_and_need_a_day() -> None:
    with pytest.raises(ValueError, match="lower age first"):
        parse_ages([30, 20])
    assert not compile_condition(TWENTIES).holds({"birthday": "2000-01-01"})


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("PDG", "executive"),
        ("Président-Directeur Général", "executive"),
        ("CEO & Co-Founder", "executive"),
        ("Gérante", "executive"),
        ("Vice President, Sales", "director"),
        ("Directrice générale adjointe", "director"),
        ("Directeur·rice marketing", "director"),
        ("Head of Growth", "director"),
        ("Responsable communication", "manager"),
        ("Chef d’équipe", "manager"),
        ("Sales Manager", "manager"),
        ("Chef de projet", "specialist"),
        ("Chargée de marketing", "specialist"),
        ("Product Owner", "specialist"),
        ("Ingénieure logiciel", "specialist"),
        ("Assistante de direction", "assistant"),
        ("Assistant to the CEO", "assistant"),
        ("Stagiaire", "assistant"),
        ("Chef", None),
        ("Leader", None),
        ("", None),
    ],
)
def test_job_titles_have_a_level_in_french_and_english(title: str, level: str | None) -> None:
    assert level_of(title) == level


@pytest.mark.parametrize(
    ("keys", "value", "expected"),
    [
        ({"level": ["executive", "director"]}, "Directrice", True),
        ({"level": "executive"}, "Directrice", False),
        ({"level": "executive"}, "Cosmonaute", False),
        ({"valid": "email"}, "a@example.org", True),
        ({"valid": "email"}, "a@example", False),
        ({"valid": "email"}, "a b@example.org", False),
        ({"valid": "phone"}, "+33 (0)1 23 45 67 89", True),
        ({"valid": "phone"}, "01.23.45.67.89", True),
        ({"valid": "phone"}, "(020) 7946-0958", True),
        ({"valid": "phone"}, "call me", False),
        ({"valid": "phone"}, "12345", False),
        ({"valid": "phone"}, "0000000000", False),
        ({"valid": "phone"}, "1234567890123456", False),
        ({"free_mail": True}, "a@Gmail.com", True),
        ({"free_mail": True}, "a@nova.example", False),
        ({"free_mail": False}, "a@nova.example", True),
        ({"free_mail": False}, "a@laposte.net", False),
        ({"free_mail": False}, "no address", False),
    ],
)
def test_word_operators(keys: dict[str, Any], value: str, expected: bool) -> None:
    assert compile_condition({"field": "x", **keys}).holds({"x": value}) is expected


def test_a_title_of_no_known_level_is_no_mismatch() -> None:
    other = compile_condition({"not": {"field": "x", "level": "executive"}})
    assert other.holds({"x": "Engineer"})
    assert not other.holds({"x": "Cosmonaut"})
    unreadable = compile_condition({"not": {"field": "x", "free_mail": True}})
    assert not unreadable.holds({"x": "no address"})


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"level": "boss"}, f"must be one or a list of: {', '.join(LEVELS)}"),
        ({"level": []}, f"must be one or a list of: {', '.join(LEVELS)}"),
        ({"valid": "address"}, "must be one of: email, phone"),
        ({"valid": ["email"]}, "must be one of: email, phone"),
        ({"free_mail": "yes"}, "must be true or false"),
    ],
)
def test_word_operators_say_what_they_take(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        compile_condition({"field": "x", **keys})
    assert caught.value.messages == {next(iter(keys)): [message]}


def test_the_lists_are_tidy() -> None:
    assert {"gmail.com", "orange.fr", "hotmail.fr"} <= free_mail_domains()
    assert all(domain == domain.strip().casefold() for domain in free_mail_domains())
