"""The shipped scorecards, from the signed webhook to what the platform holds."""

from __future__ import annotations

import pytest
from firm_kit import Firm, rules_of, shipped
from mail_kit import click, known, send

from plugin.scoring.loading import load

_CASE_STUDY = "https://mautic.firm.example/asset/3:case-study-nova"
_BOTH = pytest.mark.parametrize("name", ["b2b", "b2c"])


@_BOTH
def test_r13_both_shipped_scorecards_score_a_visit_and_a_form(firm: Firm, name):
    firm.scorecard(shipped(name))
    contact = firm.visit("/")
    firm.submit_form(contact, form="Quote", email="ada@nova.example", phone="+33 1 23 45 67 89")
    firm.settle()
    held = firm.platform(contact)
    assert held["score"] == held["fit"] + held["engagement"]
    assert {"page-viewed", "valid-phone"} <= firm.points(contact).keys()


def test_r13_only_the_scorecard_for_companies_has_company_rules():
    assert "company" in load(shipped("b2b"), "b2b").groups
    texts = shipped("b2c")
    assert "company." not in texts.replace("company rules", "")


@_BOTH
def test_r09_one_download_of_a_case_study_gives_8_once_and_its_line_names_it(firm: Firm, name):
    firm.scorecard(shipped(name))
    contact = known(firm)
    for _ in range(2):
        click(firm, send(firm, contact), _CASE_STUDY)
    firm.settle()
    [line] = [one for one in firm.explain(contact).lines if one.rule == "case-study"]
    assert line.then == 8_000_000
    assert "case-study-nova" in line.sentence


@_BOTH
def test_r10_only_an_email_costs_6_until_a_phone_is_known(firm: Firm, name):
    firm.scorecard(shipped(name))
    contact = firm.submit_form(email="ada@nova.example")
    firm.settle()
    assert firm.points(contact)["only-an-email"] == -6
    firm.wait(days=1)
    firm.submit_form(contact, email="ada@nova.example", phone="+33 1 23 45 67 89")
    firm.settle()
    assert "only-an-email" not in firm.points(contact)


@_BOTH
def test_r41_a_newsletter_sign_up_alone_stays_under_every_threshold(firm: Firm, name):
    text = shipped(name)
    firm.scorecard(text)
    contact = firm.submit_form(form="Newsletter", email="ada@nova.example")
    firm.settle()
    assert firm.points(contact)["newsletter-form"] == 3
    lowest, *above = load(text, name).bands
    assert firm.platform(contact)["band"] == lowest.id
    assert firm.platform(contact)["tags"] == []
    assert all(firm.platform(contact)["score"] * 1_000_000 < band.enter for band in above)


def test_r05_ready_to_buy_is_told_from_needs_nurturing_and_never_both(firm: Firm):
    firm.scorecard(shipped("b2b"))
    contact = firm.visit("/pricing")
    firm.submit_form(contact, email="ada@nova.example", phone="+33 1 23 45 67 89")
    firm.settle()
    assert firm.platform(contact)["tags"] == ["nurture"]
    for path in ("/demo", "/product", "/demo/plan"):
        firm.wait(hours=2)
        firm.visit(path, contact)
    firm.submit_form(contact, form="Contact", email="ada@nova.example")
    firm.settle()
    held = firm.platform(contact)
    assert held["score"] >= 60
    assert (held["band"], held["tags"]) == ("ready", ["ready"])


def test_r08_the_careers_page_lowers_the_score_by_10(firm: Firm):
    firm.scorecard(shipped("b2b"))
    contact = firm.submit_form(email="ada@nova.example")
    firm.settle()
    before = firm.platform(contact)["score"]
    firm.visit("/careers", contact)
    firm.settle()
    points = firm.points(contact)
    assert points["careers-page"] == -10
    assert firm.platform(contact)["score"] == before + 1 - 10  # a page viewed is a point


def test_r22_a_demo_form_is_worth_more_than_the_newsletter(firm: Firm):
    firm.scorecard(shipped("b2b"))
    demo = firm.submit_form(form="Demo form", email="ada@nova.example")
    news = firm.submit_form(form="Newsletter", email="eve@nova.example")
    firm.settle()
    assert firm.points(demo)["demo-form"] > firm.points(news)["newsletter-form"]


@_BOTH
def test_r28_every_sensitive_rule_is_off_in_the_shipped_scorecards(name):
    sensitive = [rule for rule in rules_of(shipped(name)).values() if rule.sensitive]
    assert [rule.id for rule in sensitive if rule.on] == []


def test_r28_r30_r32_sex_income_and_family_are_possible_and_marked_as_sensitive():
    rules = rules_of(shipped("b2c"))
    for id in ("sex", "income", "young-without-child", "family-of-four"):
        assert rules[id].sensitive
        assert not rules[id].on


@_BOTH
def test_r72_every_rule_group_and_band_has_a_name_in_french_and_english(name):
    card = load(shipped(name), name)
    labelled = (*card.rules, *card.groups.values(), *card.bands)
    assert [one.id for one in labelled if set(one.labels) != {"en", "fr"}] == []
    assert set(card.name) == {"en", "fr"}


def test_issue_3_the_shipped_scorecards_together_use_every_kind_of_rule():
    kinds = {rule.kind for name in ("b2b", "b2c") for rule in rules_of(shipped(name)).values()}
    assert kinds == {
        *("activity", "repeat", "series", "duration"),
        *("field", "completeness", "rate", "absence"),
    }
