"""Publishing recomputes everybody, silently, and goes on where it stopped."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from firm_kit import Firm, opened, shipped

from plugin.cli import main
from plugin.services.recalculate import recalculate_batch, to_recalculate
from plugin.storage import scores

_LOUD = """
name: Loud
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: form, kind: activity, points: 70, activity: form_submitted}
bands:
  - {id: cold}
  - {id: ready, enter: 60, tag: ready, on_rise: [{send_email: 5}, {add_to_campaign: 1}]}
"""


class _Crash(Exception):
    pass


def _peopled(firm: Firm, people: int = 10) -> None:
    firm.scorecard(shipped("minimal"))
    for number in range(people):
        firm.submit_form(email=f"p{number}@nova.example")
    firm.settle()


def _state(data: Path) -> dict[str, list[Any]]:
    """Everything that a recalculation writes, without the ids of entries."""
    wanted = {
        "scores": "contact_id, scorecard_id, score, fit, engagement, grade, band, computed_at",
        "entries": "contact_id, scorecard_id, rule, points, valid_from, valid_to, recorded_at",
        "crossings": "contact_id, scorecard_id, from_band, to_band, score, at",
        "deliveries": 'contact_id, "values", state',
    }
    with sqlite3.connect(data / "main.db") as database:
        return {
            table: sorted(database.execute(f"SELECT {columns} FROM {table}").fetchall(), key=repr)
            for table, columns in wanted.items()
        }


def _recalculate(firm: Firm) -> None:
    while recalculate_batch(firm.runtime.engine, 3, firm.now):
        pass


def _recalculated(data: Path, crash_at: int | None, monkeypatch: pytest.MonkeyPatch) -> Any:
    with opened(data) as firm:
        _peopled(firm)
        firm.wait(days=1)
        firm.scorecard(_LOUD)
        engine, save = firm.runtime.engine, scores.save_scores
        batches = 0

        def failing(connection: Any, computed: Any) -> None:
            nonlocal batches
            batches += 1
            save(connection, computed)
            if batches == crash_at:
                raise _Crash

        with monkeypatch.context() as patched:
            patched.setattr(scores, "save_scores", failing)
            if crash_at is not None:
                with pytest.raises(_Crash):
                    _recalculate(firm)
                assert to_recalculate(engine) == 10 - 3 * (crash_at - 1)
        _recalculate(firm)
        assert to_recalculate(engine) == 0
        return _state(data)


@pytest.mark.parametrize("crash_at", [1, 2, 4])
def test_n03_a_crash_in_the_middle_and_a_resumption_end_in_the_same_state(
    tmp_path, crash_at, monkeypatch
):
    undisturbed = _recalculated(tmp_path / "undisturbed", None, monkeypatch)
    assert _recalculated(tmp_path / "crashed", crash_at, monkeypatch) == undisturbed
    assert len(undisturbed["scores"]) == 10


def test_n03_publishing_moves_bands_and_sends_no_mail_and_starts_no_campaign(firm: Firm):
    _peopled(firm)
    calls = len(firm.standin.requests)
    firm.scorecard(_LOUD)
    firm.settle()
    made = {call.path for call in firm.standin.requests[calls:] if call.method != "GET"}
    assert {firm.platform(contact)["band"] for contact in firm.standin.contacts} == {"ready"}
    assert made <= {"/api/contacts/batch/edit", "/oauth/v2/token"}
    assert made


def test_n03_the_plan_says_what_share_would_change_and_changes_nothing(firm: Firm):
    _peopled(firm)
    firm.scorecard(_LOUD)
    before = _state(firm.data)
    told = _run(firm, "recalculate").stdout
    assert told == (
        "10 of 10 contacts have the score of an older scorecard\n"
        "10 (100%) would change their score, 10 (100%) their band\n"
        "nothing was changed; `maturo recalculate --apply` does it\n"
    )
    assert _state(firm.data) == before


def test_n03_applying_it_scores_everybody_once(firm: Firm):
    _peopled(firm)
    firm.scorecard(_LOUD)
    done = _run(firm, "recalculate", "--apply").stdout
    assert done == "10 contacts were scored by the scorecard in force\n"
    again = _run(firm, "recalculate", "--apply").stdout
    assert again == "0 contacts were scored by the scorecard in force\n"
    assert to_recalculate(firm.runtime.engine) == 0


def _run(firm: Firm, *arguments: str) -> Result:
    given = ["--data", str(firm.data), *arguments]
    result = CliRunner(env={"MATURO_CONFIG": os.devnull}).invoke(main, given)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return result
