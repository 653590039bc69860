"""A draft rehearsed on the firm's own history is what publishing it then brings."""

from __future__ import annotations

import json
import os
import sqlite3
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner
from firm_kit import Firm, shipped
from month_kit import lived_month

from plugin.cli import main
from plugin.services.rehearse import Standing, rehearse
from plugin.storage import ranking
from plugin.storage.engine import for_reading
from tests.torture import long_form


def _standings(firm: Firm) -> dict[str, Standing]:
    with for_reading(firm.runtime.engine).begin() as connection:
        found = ranking.page(connection, 0, 1000)
    return {
        one.address: Standing(
            one.score.score, one.score.fit, one.score.engagement, one.score.grade, one.score.band
        )
        for one in found
    }


def _contents(firm: Firm) -> list[str]:
    with sqlite3.connect(firm.data / "main.db") as database:
        return list(database.iterdump())


@pytest.mark.parametrize("draft", ["b2b", pytest.param("b2c", marks=long_form)])
def test_n02_the_rehearsal_equals_the_real_result_contact_by_contact(tmp_path, draft):
    with lived_month(tmp_path, shipped("minimal")) as firm:
        text = shipped(draft)
        rehearsed = list(rehearse(firm.runtime.engine, text, draft, firm.now))
        before = _standings(firm)
        firm.scorecard(text)
        firm.settle()
        after = _standings(firm)
    assert len(rehearsed) == len(after) == 25
    assert {one.contact: one.live for one in rehearsed} == before
    assert {one.contact: one.draft for one in rehearsed} == after
    assert before != after


def test_n02_a_rehearsal_changes_nothing(firm: Firm):
    firm.submit_form(email="ada@nova.example")
    firm.settle()
    before = _contents(firm)
    assert len(list(rehearse(firm.runtime.engine, shipped("b2b"), "b2b", firm.now))) == 1
    assert _contents(firm) == before


def test_n02_who_would_change_band_and_the_entries_of_each_week_are_told(firm: Firm):
    firm.scorecard(_card(enter=100))
    contact = firm.submit_form(email="ada@nova.example")
    firm.wait(days=7)
    firm.visit("/", contact)
    firm.wait(days=1)
    firm.settle()
    shown = _shown(firm, _card(enter=15))
    assert shown["bands"] == {"live": {"cold": 1}, "draft": {"hot": 1}}
    [change] = shown["changes"]
    assert change["contact"] == f"mautic/{contact}"
    assert (change["live"]["band"], change["draft"]["band"]) == ("cold", "hot")
    assert change["draft"]["score"] == 20
    [entered] = shown["entered_per_week"]
    assert entered == {"week": "2026-03-09", "band": "hot", "live": 0, "draft": 1}
    assert date.fromisoformat(entered["week"]).weekday() == 0


def _card(enter: int) -> str:
    return f"""
name: Card
groups:
  - id: all
    dimension: engagement
    rules:
      - {{id: form, kind: activity, points: 10, activity: form_submitted}}
      - {{id: page, kind: activity, points: 10, activity: page_viewed}}
bands:
  - {{id: cold}}
  - {{id: hot, enter: {enter}}}
"""


def _shown(firm: Firm, text: str) -> dict[str, Any]:
    file = firm.data / "draft.yaml"
    file.write_text(text, encoding="utf-8")
    # By the machine's clock the firm's weeks may be long ago.
    given = ["--data", str(firm.data), "scorecard", "rehearse", str(file), "--json"]
    result = CliRunner(env={"MATURO_CONFIG": os.devnull}).invoke(main, [*given, "--weeks", "520"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
