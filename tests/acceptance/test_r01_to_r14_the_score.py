"""R1–R4, R11, R12, R14, R37, R38, R58, R62: what a score is, and that it lives in the platform."""

from __future__ import annotations

import pytest
from firm_kit import Firm, shipped
from mail_kit import card, imported, known
from profile_kit import edit, edit_company, own_fields

from plugin.scoring.scorecard import MICRO

BOTH = """
name: Both
groups:
  - {id: who, dimension: fit, rules: [
      {id: phone, kind: field, points: 5, if: {field: phone, present: true}},
      {id: sector, kind: field, points: 10, if: {field: company.industry, equals: Software}}]}
  - {id: did, dimension: engagement, rules: [
      {id: view, kind: activity, points: 3, activity: page_viewed, url: "*/pricing"},
      {id: job, kind: activity, points: -10, activity: page_viewed, url: "*/careers"}]}
bands: [{id: cold}, {id: hot, enter: 100}]
"""


def test_r01_every_contact_gets_a_score_even_nought(firm: Firm) -> None:
    firm.scorecard(BOTH)
    ada = imported(firm)
    firm.settle()
    held = firm.platform(ada)
    assert (held["score"], held["fit"], held["engagement"], held["band"]) == (0, 0, 0, "cold")


@pytest.mark.parametrize(("path", "direction"), [("/pricing", 1), ("/careers", -1)])
def test_r02_positive_points_never_lower_and_negative_never_raise(
    firm: Firm, path: str, direction: int
) -> None:
    firm.scorecard(BOTH)
    ada, scores = known(firm), []
    for _ in range(4):
        firm.settle()
        scores.append(firm.platform(ada)["score"] * direction)
        firm.visit(path, ada)
        firm.wait(hours=5)
    assert scores == sorted(scores)
    assert scores[0] < scores[-1]


def test_r03_behaviour_and_data_are_combined_and_r04_the_parts_are_shown(firm: Firm) -> None:
    firm.scorecard(BOTH)
    does, both = known(firm), known(firm, "bob@example.org")
    told = imported(firm, "eve@example.org")
    for one in (does, both):
        firm.visit("/pricing", one)
    for one in (told, both):
        edit(firm, one, phone="+33 1 23 45 67 89")
    firm.settle()
    parts = {one: firm.platform(one) for one in (does, told, both)}
    assert [(p["fit"], p["engagement"]) for p in parts.values()] == [(0, 3), (5, 0), (5, 3)]
    assert all(p["score"] == p["fit"] + p["engagement"] for p in parts.values())


def test_r04_the_total_is_the_documented_function_of_the_parts(firm: Firm) -> None:
    firm.scorecard(shipped("b2b"))
    ada = known(firm)
    firm.visit("/pricing", ada)
    firm.settle()
    told = firm.explain(ada)
    shown = (*told.lines, *told.adjustments)
    assert sum(reason.now for reason in shown) == told.score
    assert sum(told.dimensions.values()) == told.score
    assert firm.platform(ada)["score"] == (told.score + MICRO // 2) // MICRO


def test_r11_an_edited_rule_counts_from_the_next_activity_on_without_a_restart(firm: Firm) -> None:
    firm.scorecard(BOTH)
    ada = known(firm)
    firm.settle()
    firm.scorecard(BOTH.replace("points: 3", "points: 7"))
    firm.visit("/pricing", ada)
    firm.settle()
    assert firm.platform(ada)["score"] == 7


def test_r12_any_field_of_the_firm_can_be_a_criterion(firm: Firm) -> None:
    own_fields(firm, "machines")
    firm.scorecard(
        card("{id: many, kind: field, points: 9, if: {field: machines, at_least: 10}}").replace(
            "dimension: engagement", "dimension: fit"
        )
    )
    ada = known(firm)
    edit(firm, ada, machines="12")
    firm.settle()
    assert firm.platform(ada)["fit"] == 9


def test_r14_visits_before_the_form_count_for_the_contact_it_made_known(firm: Firm) -> None:
    firm.scorecard(BOTH)
    visitor = firm.visit("/pricing")
    for _ in range(2):
        firm.wait(minutes=3)
        firm.visit("/pricing", visitor)
    firm.settle()
    assert "score" not in firm.platform(visitor)
    ada = firm.submit_form(visitor, email="ada@example.org")
    firm.settle()
    assert firm.platform(ada)["score"] == 9


def test_r14_visits_count_for_a_known_contact_that_a_form_on_a_new_device_reveals(
    firm: Firm,
) -> None:
    firm.scorecard(BOTH)
    before = known(firm)
    firm.visit("/pricing", before)
    firm.wait(days=1)
    visitor = firm.visit("/pricing")
    after = firm.submit_form(visitor, email="ada@example.org")
    firm.settle()
    assert firm.points(after) == {"view": 6}
    assert firm.platform(after)["score"] == 6
    assert before == after or firm.standin.merged[before] == after


def test_r37_the_sector_counts_in_the_fit_alone(firm: Firm) -> None:
    firm.scorecard(BOTH)
    ada = firm.submit_form(email="ada@nova.example", company="Nova")
    firm.wait(minutes=1)
    edit_company(firm, "Nova", companyindustry="Software")
    firm.settle()
    held = firm.platform(ada)
    assert (held["fit"], held["engagement"]) == (10, 0)


def test_r38_a_social_interaction_that_the_platform_tags_earns(firm: Firm) -> None:
    firm.scorecard(
        card(
            "{id: shared, kind: field, points: 4, if: {field: tags, matches: 'social:*'}}"
        ).replace("dimension: engagement", "dimension: fit")
    )
    ada = known(firm)
    firm.settle()
    firm.wait(minutes=1)
    edit(firm, ada, tags=["social: shared on a network nobody knows"])
    firm.settle()
    assert firm.platform(ada)["score"] == 4


def test_r58_r62_nobody_does_anything_between_the_visit_and_the_value_in_the_platform(
    firm: Firm,
) -> None:
    firm.scorecard(BOTH.replace("{id: hot, enter: 100}", "{id: hot, enter: 3, tag: ready}"))
    ada = known(firm)
    firm.visit("/pricing", ada)
    firm.settle()
    held = firm.platform(ada)
    assert (held["score"], held["band"], held["grade"]) == (3, "hot", "D")
    assert held["tags"] == ["ready"]
