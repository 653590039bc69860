"""What we cannot learn about a form costs its optional answers, never a score."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from firm_kit import Firm
from mail_kit import card

from plugin.storage import connections
from plugin.storage.engine import for_reading

API = Path(__file__).parents[1] / "payloads/mautic/api"
CARD = card(
    "{id: sent, kind: activity, activity: form_submitted, points: 20}\n"
    "{id: told-more, kind: completeness, points: 3, form: Demo form}"
)


@pytest.fixture(autouse=True)
def form(firm: Firm) -> None:
    recorded = json.loads((API / "form_get_with_fields.json").read_text("utf-8"))
    firm.standin.forms[sum(b"Demo form")] = recorded["response"]["body"]["form"]
    firm.scorecard(CARD)


def send_the_form(firm: Firm, name: str) -> int:
    return firm.submit_form(email=f"{name}@example.org", phone="+33 1 23 45 67 89")


def state(firm: Firm) -> str:
    with for_reading(firm.runtime.engine).begin() as connection:
        [source] = connections.all_connections(connection, firm.runtime.vault)
    return source.state


def test_r34_a_role_that_may_not_see_forms_costs_no_score(firm: Firm) -> None:
    firm.standin.denied = {"forms:view"}
    for name in ("ada", "bob"):
        contact = send_the_form(firm, name)
        firm.settle()
        assert firm.platform(contact)["score"] == 20
        firm.wait(days=2)
    assert state(firm) == connections.READY


def test_r34_credentials_refused_at_a_form_stop_the_connection_after_the_score(firm: Firm) -> None:
    firm.standin.faults.refuse(401, times=2, kind="other")
    ada = send_the_form(firm, "ada")
    firm.settle()
    assert firm.platform(ada)["score"] == 20
    assert state(firm) == connections.NEEDS_AUTHENTICATION


def test_r34_forms_that_fail_hold_up_no_score_and_count_once_they_are_shown(firm: Firm) -> None:
    firm.standin.faults.refuse(503, times=3, kind="other")
    for name in ("ada", "bob", "eve"):
        contact = send_the_form(firm, name)
        firm.settle()
        assert firm.platform(contact)["score"] == 20
        firm.wait(minutes=1)
    firm.settle()
    firm.wait(minutes=15)  # looks come no closer than ten minutes to one another
    firm.settle()
    assert firm.platform(contact)["score"] == 23


def test_r34_one_form_that_fails_does_not_hold_up_the_others(firm: Firm) -> None:
    firm.standin.faults.refuse(503, kind="other")
    firm.submit_form(form="A form", email="bob@example.org")  # asked about first, in vain
    ada = send_the_form(firm, "ada")
    firm.settle()
    firm.wait(seconds=5)  # a platform that answers 503 is left alone for two seconds
    firm.settle()
    assert firm.points(ada) == {"sent": 20, "told-more": 3}
