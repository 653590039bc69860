"""N13, R57: how long news takes from the webhook to the platform is measured and shown."""

from __future__ import annotations

import re

import requests
from firm_kit import Firm

from connectors.mautic.standin.hooks import process_queue
from plugin.check import check
from plugin.worker import score_some
from tests.deadlines import DEADLINE


def lag(firm: Firm, stage: str, what: str) -> float:
    """A figure of ``maturo_lag_seconds`` as Prometheus would read it."""
    text = requests.get(firm.hook.replace("/hooks/mautic", "/metrics"), timeout=DEADLINE).text
    sample = rf'maturo_lag_seconds_{what}{{connection="mautic",stage="{stage}"}} (\S+)'
    found = re.search(sample, text)
    assert found, text
    return float(found[1])


def test_r57_the_time_from_the_webhook_to_the_value_in_the_platform_is_measured(firm: Firm) -> None:
    ada = firm.submit_form(email="ada@firm.example")
    firm.wait(seconds=2)
    assert score_some(firm.runtime)
    firm.wait(seconds=3)
    firm.settle()
    assert firm.platform(ada)["score"] is not None
    assert (lag(firm, "held", "count"), lag(firm, "held", "sum")) == (1, 5)
    assert lag(firm, "scored", "sum") == 2


def test_n13_what_the_platform_told_late_is_told_apart_from_what_we_took(firm: Firm) -> None:
    firm.standin.queued = True
    firm.submit_form(email="ada@firm.example")
    firm.wait(minutes=1)
    process_queue(firm.standin)
    firm.wait(seconds=1)
    firm.settle()
    assert (lag(firm, "told", "sum"), lag(firm, "held", "sum")) == (60, 1)


def test_n13_half_and_95_of_100_are_said_in_seconds(firm: Firm) -> None:
    for number in range(20):
        firm.submit_form(email=f"c{number}@firm.example")
        firm.wait(seconds=1 if number else 40)
        firm.settle()
    [said] = [one.detail for one in check(firm.runtime) if one.id == "M012"]
    assert "half of the news since yesterday was in the platform within 0.9 s" in said
    assert said.endswith("95 % within 1.0 s, of 20")


def test_r57_what_comes_while_a_write_waits_is_counted_from_the_oldest(firm: Firm) -> None:
    ada = firm.submit_form(email="ada@firm.example")
    for _ in range(3):
        firm.visit("/pricing", ada)
        firm.wait(seconds=1)
        score_some(firm.runtime)
    firm.settle()
    assert (lag(firm, "held", "count"), lag(firm, "held", "sum")) == (1, 3)


def test_n13_what_time_alone_changes_is_no_news(firm: Firm) -> None:
    firm.submit_form(email="ada@firm.example")
    firm.settle()
    before = lag(firm, "held", "count")
    firm.wait(days=60)
    firm.settle()
    assert lag(firm, "held", "count") == before
