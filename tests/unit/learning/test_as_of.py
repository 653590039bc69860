"""The table knows of a day only what had happened by then, and each row is a rule's own points."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from builders import card, contact, form, moment, profile, rule, visit

from connectors.activity import Activity
from plugin.learning.as_of import AsOf, as_of, days_asked
from plugin.learning.candidates import Candidate, candidates, scorecard_of
from plugin.learning.case import Case
from plugin.scoring.history import History, ProfileFact
from plugin.scoring.outcomes import Outcome

HORIZON = timedelta(days=30)
PAGES = Candidate(
    "pages",
    "engagement",
    {
        "kind": "activity",
        "activity": "page_viewed",
        "limit": {"times": 3, "per": "30d"},
        "decay": {"expires": "30d"},
    },
)
PHONE = Candidate("phone", "fit", {"kind": "field", "if": {"field": "phone", "present": True}})
PRESENT = card(rule(7))


def table(past: History, *days: float, outcome: Outcome | None = None) -> AsOf:
    asked = [moment(day) for day in days]
    return as_of([Case(past, outcome)], [PAGES, PHONE], PRESENT, asked, HORIZON)


def test_each_day_sees_what_rules_give_on_it() -> None:
    past = contact(visit("/a", 2), visit("/b", 3), profile(10, phone="+33 1"))
    found = table(past, 1, 4, 12, 32.5, 40)
    # On the first day nobody knew the contact.
    assert found.table.columns["pages"].tolist() == [2, 2, 1, 0]
    assert found.table.columns["phone"].tolist() == [0, 1, 1, 1]
    assert found.present.tolist() == [14, 14, 14, 14]
    assert found.recency.tolist() == [-1, -9, -29.5, -37]


def test_a_day_knows_nothing_of_the_days_after() -> None:
    told = [visit("/a", 2), form("Demo", 5), visit("/b", 9), visit("/c", 9.5)]
    facts = [profile(3, phone=""), profile(8, phone="+33 1")]
    for day in (3, 6, 8, 9.2, 10):
        until: list[Activity | ProfileFact] = [
            one for one in told if one.occurred_at <= moment(day)
        ]
        until += [one for one in facts if one.at <= moment(day)]
        whole, cut = table(contact(*told, *facts), day), table(contact(*until), day)
        for name, column in whole.table.columns.items():
            assert column.tolist() == cut.table.columns[name].tolist(), (name, day)
        assert whole.present.tolist() == cut.present.tolist()
        assert whole.recency.tolist() == cut.recency.tolist()


@pytest.mark.parametrize(
    ("result", "day", "won"),
    [
        ("won", 32, [True, True]),
        ("won", 31.9, [True, True]),
        ("won", 35, [False, True]),
        ("lost", 32, [False, False]),
        ("won", 4, [True]),
    ],
)
def test_a_contact_is_asked_about_while_its_outcome_is_open(
    result: str, day: float, won: list[bool]
) -> None:
    outcome = Outcome(moment(day), result)  # type: ignore[arg-type]
    assert table(contact(visit("/a", 1)), 2, 5, outcome=outcome).table.won.tolist() == won


def test_days_reach_back_to_the_first_contact() -> None:
    cases = [Case(contact(visit("/a", 1)), None), Case(contact(visit("/a", 15)), None)]
    days = days_asked(cases, moment(21), timedelta(days=7))
    assert days == (moment(7), moment(14), moment(21))
    assert days_asked([], moment(21), timedelta(days=7)) == (moment(21),)


def test_candidates_are_rules_that_a_scorecard_takes_and_leave_protected_fields_out() -> None:
    pasts = [
        contact(
            visit("/pricing?from=mail", 2, id=f"v{number}"),
            profile(1, industry="Software" if number % 2 else "Retail", title="Mr", size=number),
        )
        for number in range(60)
    ]
    found, _ = candidates(pasts)
    loaded = scorecard_of(found, "Europe/Paris")
    assert [one.id for one in loaded.rules] == [one.id for one in found]
    asked = {one.field for one in found if one.field}
    assert asked == {"industry", "size"}
    assert {one.keys.get("url") for one in found} >= {"*/pricing*"}
    assert {one.dimension for one in found if one.field} == {"fit"}


def test_what_hardly_anybody_did_or_was_is_no_candidate() -> None:
    past = contact(visit("/pricing", 2), profile(1, industry="Software"))
    assert candidates([past] * 24) == ((), {})


def test_a_table_of_nobody_is_empty() -> None:
    found = as_of([], [PAGES], PRESENT, [moment(1)], HORIZON)
    assert len(found.table) == 0
    assert np.array_equal(found.present, np.zeros(0))
