"""The order for sales, and what sales gets along with a contact."""

from __future__ import annotations

import json
import os
from typing import Any

from click.testing import CliRunner
from firm_kit import Firm, shipped

from plugin.cli import main
from plugin.services.priorities import priorities


def _order(firm: Firm, **page: Any) -> list[str]:
    found = priorities(firm.runtime.engine, "en", **page)
    return [one.contact.address.removeprefix("mautic/") for one in found]


def _shown(firm: Firm, *arguments: str) -> list[dict[str, Any]]:
    given = ["--data", str(firm.data), "contacts", "--json", *arguments]
    result = CliRunner(env={"MATURO_CONFIG": os.devnull}).invoke(main, given)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def _person(firm: Firm, name: str, *paths: str) -> str:
    contact = firm.submit_form(form="Newsletter", email=f"{name}@nova.example")
    for path in paths:
        firm.visit(path, contact)
    return str(contact)


def test_r07_hot_contacts_come_first_then_the_higher_score(firm: Firm):
    firm.scorecard(shipped("b2b"))
    low = _person(firm, "low", "/")
    high = _person(firm, "high", "/pricing", "/demo")
    middle = _person(firm, "middle", "/pricing")
    firm.settle()
    assert _order(firm) == [high, middle, low]
    assert _order(firm, band="nurture") == [high]


def test_r07_of_equal_scores_who_was_active_last_comes_first(firm: Firm):
    card = """
name: Equal
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: news, kind: activity, points: 5, activity: form_submitted}
bands:
  - {id: cold}
"""
    firm.scorecard(card)
    first = _person(firm, "first")
    firm.wait(hours=1)
    second = _person(firm, "second")
    firm.wait(hours=1)
    third = _person(firm, "third")
    firm.wait(hours=1)
    firm.visit("/", int(first))
    firm.settle()
    assert _order(firm) == [first, third, second]


def test_r07_pages_neither_repeat_nor_lose_a_contact(firm: Firm):
    firm.scorecard(shipped("b2b"))
    everybody = [_person(firm, f"p{number}") for number in range(7)]
    firm.settle()
    shown: list[str] = []
    after: list[str] = []
    while page := _shown(firm, "--limit", "3", *after):
        shown += [one["contact"].removeprefix("mautic/") for one in page]
        after = ["--after", page[-1]["place"]]
    assert shown == _order(firm)
    assert sorted(shown) == sorted(everybody)


def test_r07_who_is_searched_is_found_by_any_part_of_name_mail_or_company(firm: Firm):
    firm.scorecard(shipped("b2b"))
    remi = str(firm.submit_form(email="r@nova.example", firstname="Rémi", company="Ça va SA"))
    _person(firm, "ada")
    firm.settle()
    for text in ("remi", "RÉMI ca", "@nova r@"):
        assert _order(firm, text=text) == [remi], text
    assert _order(firm, text="100%") == []


def test_r07_visitors_are_not_in_the_list(firm: Firm):
    firm.scorecard(shipped("b2b"))
    firm.visit("/demo")
    known = _person(firm, "ada")
    firm.settle()
    assert _order(firm) == [known]


def test_r15_sales_gets_the_three_weightiest_reasons_in_words(firm: Firm):
    firm.scorecard(shipped("b2b"))
    _person(firm, "ada", "/demo", "/pricing", "/")
    firm.settle()
    [shown] = _shown(firm)
    assert len(shown["reasons"]) == 3
    assert "Demo request page viewed" in shown["reasons"][0]
    [french] = _shown(firm, "--lang", "fr")
    assert "Page de demande de démo consultée" in french["reasons"][0]


def test_r26_pages_of_product_a_make_product_a_the_main_interest(firm: Firm):
    firm.scorecard(shipped("b2c"))
    contact = int(_person(firm, "ada"))
    firm.visit("/product-b", contact)
    for _ in range(2):
        firm.wait(minutes=5)
        firm.visit("/product-a", contact)
    firm.settle()
    assert _shown(firm)[0]["interest"] == "product A"
    points = firm.points(contact)
    assert points["product-a"] > points["product-b"] > 0


def test_a_band_that_the_scorecard_has_not_is_refused_by_name(firm: Firm):
    given = ["--data", str(firm.data), "contacts", "--band", "boiling"]
    result = CliRunner(env={"MATURO_CONFIG": os.devnull}).invoke(main, given)
    assert result.exit_code == 1
    assert result.stderr == 'Error: no band "boiling"; the scorecard has cold, warm, hot\n'
