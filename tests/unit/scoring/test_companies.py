from __future__ import annotations

from typing import Any

from plugin.scoring.companies import with_companies
from plugin.scoring.history import ProfileFact, history
from tests.builders import moment, profile


def timeline(
    facts: list[ProfileFact], companies: dict[str, Any]
) -> list[tuple[Any, dict[str, Any]]]:
    snapshots = history([], with_companies(facts, companies)).profile
    return [(snapshot.at, dict(snapshot.fields)) for snapshot in snapshots]


def test_a_contact_has_the_fields_of_the_company_it_belongs_to() -> None:
    companies = {"4": [profile(1, industry="Software")], "5": [profile(1, industry="Steel")]}
    assert timeline([profile(2, company_id="4")], companies) == [
        (moment(2, 0), {"company_id": "4", "company.industry": "Software"})
    ]


def test_what_is_said_of_the_company_later_reaches_its_contacts() -> None:
    companies = {
        "4": [profile(3, industry="Software"), profile(5, size=120)],
        "5": [profile(4, x=1)],
    }
    told = timeline([profile(2, company_id="4"), profile(4, phone="1")], companies)
    assert told[-1] == (
        moment(5, 0),
        {"company_id": "4", "phone": "1", "company.industry": "Software", "company.size": 120},
    )
    assert len(told) == 4


def test_leaving_a_company_clears_its_fields_and_joining_another_brings_its_own() -> None:
    companies = {
        "4": [profile(1, industry="Software", size=9)],
        "5": [profile(1, industry="Steel")],
    }
    facts = [profile(2, company_id="4"), profile(3, company_id="5"), profile(4, company_id=None)]
    assert [fields for _, fields in timeline(facts, companies)][1:] == [
        {"company_id": "5", "company.industry": "Steel", "company.size": None},
        {"company_id": None, "company.industry": None, "company.size": None},
    ]


def test_a_company_nobody_told_of_adds_nothing() -> None:
    assert timeline([profile(2, company_id="9")], {}) == [(moment(2, 0), {"company_id": "9"})]
