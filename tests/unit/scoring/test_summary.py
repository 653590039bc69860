"""The main interest and the reasons that sales gets."""

from __future__ import annotations

from dataclasses import replace

from plugin.scoring.evaluate import evaluate
from plugin.scoring.fold import fold
from plugin.scoring.summary import main_interest, top_reasons
from tests.builders import card, contact, form, moment, rule, visit

_CARD = card(
    replace(rule(4, id="a", url="*/product-a*"), interest="product A"),
    replace(rule(3, id="b", url="*/product-b*"), interest="product B"),
    rule(9, id="pricing", url="*/pricing"),
    rule(-20, id="careers", url="*/careers"),
    rule(15, id="demo", kind="activity", activity="form_submitted"),
)


def _evaluation(*told):
    return evaluate(_CARD, fold(_CARD, contact(*told)).lines, moment(9))


def test_r26_the_pages_of_product_a_raise_interest_a_only():
    found = _evaluation(visit("/product-a"), visit("/product-b"), visit("/pricing"))
    assert main_interest(_CARD, found) == "product A"


def test_r26_the_main_interest_has_the_highest_sum_not_the_highest_line():
    found = _evaluation(visit("/product-a"), visit("/product-b"), visit("/product-b", hour=13))
    assert main_interest(_CARD, found) == "product B"


def test_without_points_from_a_labelled_rule_there_is_no_interest():
    assert main_interest(_CARD, _evaluation(visit("/pricing"))) is None


def test_equal_interests_are_settled_by_name():
    even = card(
        replace(rule(4, id="b", url="*/b"), interest="B"),
        replace(rule(4, id="a", url="*/a"), interest="A"),
    )
    lines = fold(even, contact(visit("/a"), visit("/b"))).lines
    assert main_interest(even, evaluate(even, lines, moment(9))) == "A"


def test_r15_the_top_reasons_are_the_greatest_of_different_rules():
    found = _evaluation(
        visit("/product-a"),
        visit("/pricing"),
        visit("/pricing", day=2),
        visit("/careers"),
        form("Demo"),
        visit("/product-b"),
    )
    assert [given.line.rule for given in top_reasons(found)] == ["demo", "pricing", "a"]


def test_what_costs_points_is_no_reason_to_call():
    assert top_reasons(_evaluation(visit("/careers"))) == ()


def test_of_equal_lines_of_one_rule_the_newest_is_told():
    [best] = top_reasons(_evaluation(visit("/pricing"), visit("/pricing", day=3)))
    assert best.line.valid_from == moment(3)
