"""N7: scores that move after a publication are told week by week, and thresholds stop in time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from firm_kit import Firm, opened

from plugin.cli import main
from plugin.services.api_keys import make_key
from plugin.services.reports import refresh_due
from tests.pages_kit import application

CARD = """
name: Firm
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: form, kind: activity, points: 10, activity: form_submitted}
      - {id: demo, kind: activity, points: 30, activity: page_viewed, url: "*/demo"}
bands:
  - {id: cold}
  - {id: hot, enter: 20, leave: 15}
"""


def _run(firm: Firm, *given: str) -> Result:
    environment = {"MATURO_CONFIG": os.devnull, "COLUMNS": "200"}
    return CliRunner(env=environment).invoke(main, ["--data", str(firm.data), *given])


def _four_weeks(firm: Firm, name: str, *pages: str) -> None:
    """In the middle of them 36 contacts fill in a form, and look at some pages."""
    firm.wait(days=14)
    for number in range(36):
        contact = firm.submit_form(email=f"{name}{number}@nova.example")
        for page in pages:
            firm.visit(page, contact)
    firm.wait(days=14)
    firm.settle()


def _told(firm: Firm) -> dict[str, Any]:
    refresh_due(firm.runtime.engine, firm.now)
    shown = _run(firm, "learn", "drift", "--json", "--calls=6", "--calls=12")
    assert shown.exit_code == 0, shown.output
    told: dict[str, Any] = json.loads(shown.stdout)
    return told


def _api(firm: Firm, path: str) -> dict[str, Any]:
    token = make_key(firm.runtime.engine, "test", "read", None, "ada@nova.example", firm.now)
    client = application(firm.runtime).test_client()
    answer = client.get(path, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json
    return told


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    """A firm in which nobody is known yet, for all that is told here."""
    with opened(tmp_path_factory.mktemp("firm")) as firm:
        yield firm


def test_n07_steady_scores_have_thresholds_by_calls_and_moved_ones_stop_them(firm: Firm) -> None:
    early = _run(firm, "learn", "drift")
    assert early.exit_code == 1
    assert "nothing is computed yet" in early.output

    _four_weeks(firm, "before")
    firm.scorecard(CARD)
    told = _told(firm)
    assert told["drift"]["weeks"] == []
    # 36 contacts rose to ten points in four weeks.
    assert told["thresholds"] == [{"calls": 12, "least": 10, "a_week": 9.0}]

    _four_weeks(firm, "after")
    told = _told(firm)
    [week] = told["drift"]["weeks"]
    assert (told["level"], week["contacts"]) == ("steady", 36)
    assert week["psi"] < 0.01
    assert "ok     M015" in _run(firm, "check").output

    answer = _api(firm, "/api/v1/drift?calls=12")
    assert (answer["level"], answer["weeks"]) == ("steady", told["drift"]["weeks"])
    assert answer["threshold"] == {"calls": 12, "least": 10, "a_week": 9.0}

    _four_weeks(firm, "moved", "/demo")
    told = _told(firm)
    assert [one["level"] for one in told["drift"]["weeks"]][-1] == told["level"] == "stopped"
    assert told["drift"]["weeks"][-1]["psi"] > 0.2
    assert told["thresholds"] == []
    shown = _run(firm, "learn", "drift").output
    assert "Scores have moved too far: no threshold by calls is told." in shown
    assert "FAILED M015" in _run(firm, "check").output
    stopped = {"calls": 12, "least": None, "a_week": None}
    assert _api(firm, "/api/v1/drift?calls=12")["threshold"] == stopped


def test_n07_another_scorecard_begins_anew(firm: Firm, tmp_path: Path) -> None:
    firm.scorecard(CARD.replace("points: 10", "points: 11"))
    shown = _run(firm, "learn", "drift")
    assert shown.exit_code == 1
    assert "nothing is computed yet for the scorecard in force" in shown.output
