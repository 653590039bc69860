"""F4: the platform may do what it likes; in the end it holds the right values, or it is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest
from firm_kit import Firm

from connectors.mautic import client
from plugin.storage.engine import for_reading
from plugin.storage.tables import deliveries
from tests.torture import Account

CARD = """
name: Firm
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: form, kind: activity, points: 20, activity: form_submitted}
bands:
  - {id: cold}
  - {id: warm, enter: 15, tag: band-warm}
"""
PEOPLE = 3
#: Calls that fail in one way, one after the other.
TIMES = 2


def slow(firm: Firm) -> None:
    """Answers come after 18 seconds, as seen on shared hosts."""
    faults = firm.standin.faults
    faults.sleep = lambda seconds: firm.wait(seconds=seconds)
    faults.latency = {"contact": 18.0, "batch": 18.0, "token": 18.0}


def clock_wrong(hours: float) -> Callable[[Firm], None]:
    def set_clock(firm: Firm) -> None:
        firm.standin.clock = lambda: firm.now + timedelta(hours=hours)

    return set_clock


def refused(status: int, **told: int) -> Callable[[Firm], None]:
    def plan(firm: Firm) -> None:
        for kind in ("contact", "batch"):
            firm.standin.faults.refuse(status, kind=kind, times=TIMES, **told)

    return plan


def lost(firm: Firm) -> None:
    """The call is done, and half of its answer arrives."""
    for kind in ("contact", "batch", "token"):
        firm.standin.faults.drop(kind=kind, times=TIMES)


def silent(firm: Firm) -> None:
    """The call is done, and no answer arrives in time."""
    for kind in ("contact", "batch"):
        firm.standin.faults.hang(kind=kind, times=TIMES)


TROUBLES: dict[str, Callable[[Firm], None]] = {
    "429 with Retry-After": refused(429, retry_after=77),
    "429 without": refused(429),
    "500 with a page": refused(500),
    "502 with a page": refused(502),
    "503 with Retry-After": refused(503, retry_after=30),
    "half answers": lost,
    "no answers in time": silent,
    "answers after 18 seconds": slow,
    "no token": lambda firm: firm.standin.faults.refuse(500, kind="token", times=TIMES),
    "a token that is revoked": lambda firm: firm.standin.faults.refuse(401, kind="contact"),
    # What it tells of the future counts when that moment has come.
    "a clock half an hour ahead": clock_wrong(0.5),
    "a clock a day behind": clock_wrong(-24),
    "contacts that seem missing": lambda firm: firm.standin.faults.refuse(404, kind="contact"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_f04_after_any_trouble_the_platform_holds_the_right_values(
    firm: Firm, account: Account, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr(client, "TIMEOUT", httpx.Timeout(0.3))
    firm.scorecard(CARD)
    TROUBLES[trouble](firm)
    people = [firm.submit_form(email=f"p{number}@nova.example") for number in range(PEOPLE)]
    firm.settle()
    for _ in range(8):
        firm.wait(minutes=5)
        firm.settle()
    held = [firm.platform(one) for one in people]
    right = [one for one in held if (one.get("score"), one["tags"]) == (20, ["band-warm"])]
    account(activities=PEOPLE, lost=PEOPLE - len(right))
    assert waiting(firm) == {}


@pytest.mark.parametrize("status", [400, 409, 422])
def test_f04_what_the_platform_refuses_for_good_is_shown_and_newer_values_try_again(
    firm: Firm, status: int
) -> None:
    firm.scorecard(CARD)
    firm.standin.faults.refuse(status, kind="contact", times=1)
    ada = firm.submit_form(email="ada@nova.example")
    firm.settle()
    firm.wait(hours=2)
    firm.settle()
    assert set(waiting(firm)) == {"refused"}
    firm.submit_form(ada, form="Another", email="ada@nova.example")
    firm.settle()
    assert (waiting(firm), firm.platform(ada)["score"]) == ({}, 40)


def waiting(firm: Firm) -> dict[str, str]:
    """By state, the last error of what was not written."""
    with for_reading(firm.runtime.engine).begin() as connection:
        found = connection.execute(deliveries.select()).all()
    return {row.state: row.last_error for row in found}
