"""R27–R36: who contacts are. What is not known is never held against them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from firm_kit import Firm
from mail_kit import card, known
from profile_kit import edit, edit_company, own_fields

from plugin.services.priorities import priorities

API = Path(__file__).parents[1] / "payloads/mautic/api"
AGE = card("{id: young, kind: field, points: 12, if: {field: birthday, age: [20, 29]}}").replace(
    "dimension: engagement", "dimension: fit"
)


def fit(rules: str) -> str:
    return card(rules).replace("dimension: engagement", "dimension: fit")


def test_r27_a_band_changes_on_the_birthday_without_any_activity(firm: Firm) -> None:
    own_fields(firm, "birthday")
    firm.scorecard(AGE)
    ada = known(firm)
    edit(firm, ada, birthday="2006-03-10")
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(ada)["tags"]) == (0, ["cold"])
    firm.now = datetime(2026, 3, 9, 22, 59, tzinfo=UTC)
    firm.settle()
    assert (firm.explain(ada).score, firm.platform(ada)["tags"]) == (0, ["cold"])
    firm.now = datetime(2026, 3, 9, 23, 0, tzinfo=UTC)  # midnight in Paris
    assert firm.explain(ada).score == 12_000_000
    firm.wait(minutes=15)  # looks come no closer than ten minutes to one another
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(ada)["tags"]) == (12, ["hot"])
    firm.now = datetime(2036, 3, 9, 23, 15, tzinfo=UTC)
    firm.settle()
    assert (firm.explain(ada).score, firm.platform(ada)["tags"]) == (0, ["cold"])


def test_r28_sex_can_be_a_rule_and_does_nothing_while_it_is_off(firm: Firm) -> None:
    own_fields(firm, "gender")
    rule = "{id: sex, kind: field, points: 5, on: %s, if: {field: gender, equals: f}}"
    ada = known(firm)
    edit(firm, ada, gender="f")
    for on, points in (("false", 0), ("true", 5)):
        firm.scorecard(fit(rule % on))
        firm.settle()
        assert firm.platform(ada)["score"] == points


def test_r29_a_place_counts_and_an_unknown_one_is_no_mismatch(firm: Firm) -> None:
    firm.scorecard(
        fit(
            "{id: france, kind: field, points: 5, if: {field: country, equals: France}}\n"
            "{id: region, kind: field, points: 2,"
            " if: {field: state, in: [Île-de-France, Bretagne]}}\n"
            '{id: paris, kind: field, points: 4, if: {field: zipcode, matches: "75*"}}\n'
            "{id: far, kind: field, points: -9, if: {not: {field: country, equals: France}}}"
        )
    )
    ada, bob = known(firm), known(firm, "bob@example.org")
    eve = known(firm, "eve@example.org")
    edit(firm, ada, country="France", zipcode="75011", state="Île-de-France")
    edit(firm, eve, country="Spain")
    firm.settle()
    assert [firm.platform(one)["score"] for one in (ada, bob, eve)] == [11, 0, -9]


def test_r30_income_counts_in_bands(firm: Firm) -> None:
    own_fields(firm, "income")
    firm.scorecard(
        fit(
            "{id: middle, kind: field, points: 5, if: {field: income, between: [30000, 60000]}}\n"
            "{id: high, kind: field, points: 9, if: {field: income, at_least: 60001}}"
        )
    )
    ada = known(firm)
    scores = []
    for income in (None, "20000", "45000", "90000"):
        firm.wait(minutes=1)
        edit(firm, ada, income=income)
        firm.settle()
        scores.append(firm.platform(ada)["score"])
    assert scores == [0, 0, 5, 9]


@pytest.mark.parametrize(
    ("title", "points"),
    [("Présidente-directrice générale", 10), ("Head of Sales", 10), ("Assistant to the CEO", 0)],
)
def test_r31_executives_are_known_by_their_job_title_in_two_languages(
    firm: Firm, title: str, points: int
) -> None:
    firm.scorecard(
        fit(
            "{id: decides, kind: field, points: 10,"
            " if: {field: position, level: [executive, director]}}"
        )
    )
    ada = known(firm)
    edit(firm, ada, position=title)
    firm.settle()
    assert firm.platform(ada)["score"] == points


def test_r32_only_the_full_profile_scores(firm: Firm) -> None:
    own_fields(firm, "birthday", "children")
    firm.scorecard(
        fit(
            "{id: young-without, kind: field, points: 7, if: {all: ["
            "{field: birthday, age: [18, 25]}, {field: children, equals: 0}]}}\n"
            "{id: parents, kind: field, points: 11, if: {all: ["
            "{field: birthday, age: [40, 50]}, {field: children, at_least: 2}]}}"
        )
    )
    people = {
        "a": ("2006-01-01", "0", 7),
        "b": ("1981-01-01", "2", 11),
        "c": ("1981-01-01", "1", 0),
        "d": ("2006-01-01", None, 0),
    }
    for name, (birthday, children, points) in people.items():
        one = known(firm, f"{name}@example.org")
        edit(firm, one, birthday=birthday, children=children)
        firm.settle()
        assert firm.platform(one)["score"] == points


def test_r33_phone_and_mail_are_data_when_they_are_valid(firm: Firm) -> None:
    firm.scorecard(
        fit(
            "{id: phone, kind: field, points: 5, if: {field: phone, valid: phone}}\n"
            "{id: mail, kind: field, points: 1, if: {field: email, valid: email}}\n"
            "{id: free, kind: field, points: -3, if: {field: email, free_mail: true}}"
        )
    )
    ada, bob = known(firm, "ada@nova.example"), known(firm, "bob@gmail.com")
    edit(firm, ada, phone="+33 1 23 45 67 89")
    edit(firm, bob, phone="00000000")
    firm.settle()
    assert firm.points(ada) == {"phone": 5, "mail": 1}
    assert firm.points(bob) == {"mail": 1, "free": -3}


def test_r34_three_points_for_each_optional_answer_capped_at_nine(firm: Firm) -> None:
    firm.scorecard(
        fit(
            "{id: told-more, kind: completeness, points: 3, cap: 9,"
            " fields: [phone, company, position, website]}"
        )
    )
    ada = firm.submit_form(email="ada@example.org", phone="+33 1 23 45 67 89", company="")
    firm.settle()
    assert firm.platform(ada)["score"] == 3
    firm.wait(days=1)
    firm.submit_form(
        ada, email="ada@example.org", company="Nova", position="CEO", website="nova.example"
    )
    firm.settle()
    assert firm.platform(ada)["score"] == 9


def test_r34_which_answers_are_optional_is_read_from_the_form_of_the_platform(firm: Firm) -> None:
    firm.scorecard(fit("{id: told-more, kind: completeness, points: 3, cap: 9, form: Demo form}"))
    recorded = json.loads((API / "form_get_with_fields.json").read_text("utf-8"))
    firm.standin.forms[sum(b"Demo form")] = recorded["response"]["body"]["form"]
    ada = firm.submit_form(email="ada@example.org", phone="+33 1 23 45 67 89", budget="high")
    firm.settle()
    assert firm.points(ada) == {"told-more": 6}
    assert firm.platform(ada)["score"] == 6


def test_r34_answers_of_a_form_we_may_not_look_at_earn_nothing(firm: Firm) -> None:
    firm.scorecard(fit("{id: told-more, kind: completeness, points: 3, form: Demo form}"))
    ada = firm.submit_form(email="ada@example.org", phone="+33 1 23 45 67 89")
    firm.settle()
    assert firm.points(ada) == {}
    assert firm.platform(ada)["score"] == 0


def test_r35_the_sector_and_the_size_of_the_company_count(firm: Firm) -> None:
    firm.scorecard(
        fit(
            "{id: sector, kind: field, points: 10,"
            " if: {field: company.industry, equals: Software}}\n"
            "{id: size, kind: field, points: 15,"
            " if: {field: company.number_of_employees, between: [50, 200]}}"
        )
    )
    ada = firm.submit_form(email="ada@nova.example", company="Nova")
    firm.wait(minutes=1)
    edit_company(firm, "Nova", companyindustry="Software", companynumber_of_employees=120)
    firm.settle()
    assert firm.points(ada) == {"sector": 10, "size": 15}
    assert firm.platform(ada)["fit"] == 25


def test_r36_an_unknown_size_is_not_a_small_one(firm: Firm) -> None:
    firm.scorecard(
        fit(
            "{id: small, kind: field, points: -5,"
            " if: {field: company.number_of_employees, at_most: 10}}"
        )
    )
    ada = firm.submit_form(email="ada@nova.example", company="Nova")
    firm.settle()
    assert firm.platform(ada)["score"] == 0
    firm.wait(minutes=1)
    edit_company(firm, "Nova", companynumber_of_employees=4)
    firm.settle()
    assert firm.platform(ada)["score"] == -5


def test_r36_a_missing_size_lowers_the_shown_confidence(firm: Firm) -> None:
    firm.scorecard(
        fit(
            "{id: sector, kind: field, points: 10,"
            " if: {field: company.industry, equals: Software}}\n"
            "{id: size, kind: field, points: 15,"
            " if: {field: company.number_of_employees, between: [50, 200]}}",
        )
    )
    ada = firm.submit_form(email="ada@nova.example", company="Nova")
    firm.wait(minutes=1)
    edit_company(firm, "Nova", companyindustry="Software")
    firm.settle()
    told = firm.explain(ada, "fr")
    assert (told.confidence.share, told.confidence.missing) == (
        Fraction(1, 2),
        ("company.number_of_employees",),
    )
    assert told.unknown is not None
    assert " ".join(told.unknown.split()) == (
        "L’adéquation est connue à 50 %. Inconnu : company.number_of_employees."
    )
    firm.wait(minutes=1)
    edit_company(firm, "Nova", companyindustry="Software", companynumber_of_employees=120)
    firm.settle()
    assert (firm.explain(ada).confidence.share, firm.explain(ada).unknown) == (1, None)
    [listed] = priorities(firm.runtime.engine, "en")
    assert listed.confidence.known == ("company.industry", "company.number_of_employees")


def test_r10_only_an_email_costs_six_points_until_a_phone_number_is_known(firm: Firm) -> None:
    firm.scorecard(fit("{id: bare, kind: absence, points: -6, only: email}"))
    ada = known(firm)
    firm.settle()
    assert firm.platform(ada)["score"] == -6
    firm.wait(days=1)
    firm.submit_form(ada, email="ada@example.org", phone="+33 1 23 45 67 89")
    firm.settle()
    assert firm.platform(ada)["score"] == 0


def test_n06_manager_then_director_gives_five_not_eight(firm: Firm) -> None:
    firm.scorecard(
        fit(
            "{id: manager, kind: field, points: 3, if: {field: position, level: manager}}\n"
            "{id: director, kind: field, points: 5, if: {field: position, level: director}}"
        )
    )
    ada = known(firm)
    edit(firm, ada, position="Sales manager")
    for _ in range(3):
        firm.wait(days=1)
        edit(firm, ada, city="Lyon")
    firm.settle()
    assert firm.platform(ada)["score"] == 3
    firm.wait(days=1)
    edit(firm, ada, position="Sales director")
    firm.settle()
    assert firm.platform(ada)["score"] == 5
