"""What must not be learned from, and figures that cannot be wrong unnoticed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from learning_kit import SEED, hand_written, leads, with_column
from sklearn.metrics import average_precision_score

from plugin.learning.differences import differences
from plugin.learning.leaks import leaks
from plugin.learning.measures import (
    auc,
    average_precision,
    gain,
    lift,
    thresholds,
    with_interval,
)
from plugin.learning.protected import protected
from plugin.learning.table import column


def test_an_honest_table_has_no_leak() -> None:
    assert leaks(leads()) == ()


def test_a_field_written_after_the_win_is_named() -> None:
    table = leads()
    chance = np.random.default_rng(SEED)
    written = table.won & (chance.random(len(table)) < 0.6)
    contract = column(["C-1" if one else "" for one in written])
    [leak] = leaks(with_column(table, "contract", contract))
    assert (leak.column, leak.sign) == ("contract", "level")


def test_a_rule_that_only_customers_fulfil_is_named() -> None:
    table = leads()
    chance = np.random.default_rng(SEED)
    seen = (table.won & (chance.random(len(table)) < 0.3)).astype(np.int8)
    [leak] = leaks(with_column(table, "client area", seen))
    assert (leak.column, leak.sign) == ("client area", "level")


def test_a_number_that_tells_nearly_everything_by_itself_is_named() -> None:
    table = leads()
    chance = np.random.default_rng(SEED)
    invoiced = table.won * 2.0 + chance.normal(0, 1, len(table))
    [leak] = leaks(with_column(table, "invoiced", invoiced))
    assert (leak.column, leak.sign) == ("invoiced", "alone")


@pytest.mark.parametrize(
    ("field", "tells"),
    [
        ("firstname", "name"),
        ("title", "sex"),
        ("Civilité", "sex"),
        ("date_naissance", "age"),
        ("birth_date", "age"),
        ("marital-status", "marital status"),
        ("syndicat", "union membership"),
    ],
)
def test_fields_that_tell_of_protected_traits_are_known_in_both_languages(
    field: str, tells: str
) -> None:
    assert protected([field, "industry"]) == {field: tells}


def test_words_that_only_resemble_protected_ones_are_free() -> None:
    assert protected(["page_title", "package", "language", "job_title", "average_basket"]) == {}


@given(st.lists(st.tuples(st.booleans(), st.integers(-5, 5)), min_size=20, max_size=60))
def test_a_threshold_keeps_its_promise(rows: list[tuple[bool, int]]) -> None:
    won = np.array([one for one, _ in rows])
    score = np.array([float(two) for _, two in rows])
    for precision, least in thresholds(won, score, (0.2, 0.5, 0.8)).items():
        assert won[score >= least].mean() >= precision


@given(st.lists(st.tuples(st.booleans(), st.integers(-5, 5)), min_size=2, max_size=60))
def test_average_precision_is_what_everybody_means_by_it(rows: list[tuple[bool, int]]) -> None:
    won = np.array([True, *(one for one, _ in rows)])
    score = np.array([0.0, *(float(two) for _, two in rows)])
    expected = average_precision_score(won, score)
    assert average_precision(won, score) == pytest.approx(expected)


def test_all_ties_are_chance() -> None:
    won, score = np.arange(100) % 4 == 0, np.zeros(100)
    assert auc(won, score) == 0.5
    assert lift(won, score) == pytest.approx(1.0)


def test_an_interval_surrounds_its_value_and_is_wider_with_fewer_contacts() -> None:
    many, few = leads(3_000), leads(300)
    wide, narrow = (
        with_interval(auc, one.won, hand_written(one), one.contacts) for one in (few, many)
    )
    for one in (wide, narrow):
        assert one.low < one.value < one.high
    assert narrow.high - narrow.low < (wide.high - wide.low) / 2


def test_rows_of_one_contact_do_not_make_a_figure_surer() -> None:
    table = leads(300)
    twice = table.take(np.repeat(np.arange(len(table)), 4))
    one, four = (
        with_interval(auc, each.won, hand_written(each), each.contacts) for each in (table, twice)
    )
    assert four.high - four.low == pytest.approx(one.high - one.low, rel=0.2)


def test_no_score_gains_on_itself() -> None:
    table = leads(500)
    same = gain(table.won, hand_written(table), hand_written(table), table.contacts)
    assert (same.value, same.low, same.high) == (0, 0, 0)


def test_of_rules_that_say_the_same_of_everybody_one_difference_is_told() -> None:
    table = leads()
    seen = (table.columns["demo"] == "yes").astype(np.int8)
    twice = with_column(with_column(table, "page", seen), "page in 90 days", seen * 3)
    told = {one.indicator.column for one in differences(twice)}
    assert told & {"demo", "page", "page in 90 days"} == {"demo"}
