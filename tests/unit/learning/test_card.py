"""A card finds what was planted, and says nothing where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
from learning_kit import SEED, hand_written, leads, with_luck

from plugin.learning.card import MOST_POINTS, MOST_ROWS, learn_card
from plugin.learning.corrections import learn_corrections
from plugin.learning.indicators import Indicator, holds, indicators
from plugin.learning.measures import auc, calibration_error
from plugin.learning.model import Card
from plugin.learning.table import Table, column, later_part


def points(card: Card) -> dict[Indicator, int]:
    return {row.indicator: row.points for row in card.rows}


def test_a_planted_signal_is_found_with_the_right_sign() -> None:
    found = points(learn_card(leads()))
    demo = found.get(Indicator("demo", "is", "yes"), 0) - found.get(Indicator("demo", "empty"), 0)
    mailbox = {one.value: given for one, given in found.items() if one.column == "free_mail"}
    assert demo > 0
    assert mailbox.get("yes", 0) - mailbox.get("no", 0) < 0
    assert all(given > 0 for one, given in found.items() if one.column == "visits")


def test_a_card_has_few_rows_of_whole_points_within_bounds() -> None:
    table = leads()
    card = learn_card(table, most_points=10)
    assert 0 < len(card.rows) <= min(MOST_ROWS, table.wins // 5)
    assert max(abs(row.points) for row in card.rows) == 10 < MOST_POINTS
    assert all(isinstance(row.points, int) for row in card.rows)


def test_what_a_card_says_comes_true_on_later_contacts() -> None:
    known, later = later_part(leads(8_000))
    card = learn_card(known)
    score = card.score(later)
    assert auc(later.won, score) > auc(later.won, hand_written(later)) > 0.55
    assert calibration_error(later.won, card.probability(score)) < 0.05


def test_the_same_table_gives_the_same_card_whatever_the_order_of_its_columns() -> None:
    table = leads()
    turned = dict(reversed(table.columns.items()))
    card = learn_card(table)
    assert learn_card(table) == card
    again = learn_card(Table(turned, table.won, table.contacts, table.moments))
    assert auc(table.won, again.score(table)) == pytest.approx(
        auc(table.won, card.score(table)), abs=0.005
    )


def test_luck_is_no_better_than_chance_on_later_contacts() -> None:
    known, later = later_part(with_luck(leads(6_000)))
    assert abs(auc(later.won, learn_card(known).score(later)) - 0.5) < 0.06


def test_what_hardly_anybody_has_is_no_row() -> None:
    rare = column(["x"] * 24 + [""] * 76)
    enough = column(["x"] * 25 + [""] * 75)
    won = np.arange(100) % 2 == 0
    table = Table({"rare": rare, "enough": enough}, won, np.arange(100), np.arange(100.0))
    assert {one.column for one in indicators(table)} == {"enough"}


def test_an_unknown_number_is_over_nothing_and_counts_as_left_empty() -> None:
    visits = column([None, 0.0, 5.0])
    assert holds(Indicator("visits", "more_than", 2.0), visits).tolist() == [False, False, True]
    assert holds(Indicator("visits", "empty"), visits).tolist() == [True, False, False]


def test_few_wins_correct_the_present_rules_and_beat_a_card_of_their_own() -> None:
    few, many = leads(160), leads(12_000).take(np.arange(4_000, 12_000))
    assert 20 <= few.wins < 80
    corrected = learn_corrections(few, hand_written(few))
    reached = auc(many.won, corrected.score(many, hand_written(many)))
    assert reached > auc(many.won, hand_written(many)) + 0.02
    assert reached > auc(many.won, learn_card(few).score(many))


def test_rules_that_point_the_wrong_way_are_not_corrected() -> None:
    table = leads(400)
    assert learn_corrections(table, -50.0 * table.won).rows == ()


def test_a_rule_that_gives_everybody_something_tells_by_how_much() -> None:
    chance = np.random.default_rng(SEED)
    often = chance.integers(1, 4, 2_000).astype(np.int8)
    won = chance.random(2_000) < np.where(often == 3, 0.4, 0.05)
    table = Table({"orders": often}, won, np.arange(2_000), np.zeros(2_000))
    [row] = learn_card(table).rows
    assert row.indicator.column == "orders"
    assert row.points > 0
