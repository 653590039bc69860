"""Versions that are never changed, and a second scorecard beside the one in force."""

from __future__ import annotations

import os
from pathlib import Path

from click.testing import CliRunner, Result
from firm_kit import Firm, shipped

from plugin.cli import main
from plugin.services.challenge import challenge, compare
from plugin.services.rehearse import rehearse
from plugin.storage import challengers, scorecards
from plugin.storage.engine import for_reading


def _run(firm: Firm, *arguments: str) -> Result:
    given = ["--data", str(firm.data), "scorecard", *arguments]
    return CliRunner(env={"MATURO_CONFIG": os.devnull}).invoke(main, given)


def _done(firm: Firm, *arguments: str) -> str:
    result = _run(firm, *arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def _file(folder: Path, text: str) -> str:
    file = folder / "draft.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_n12_a_diff_tells_changes_rule_by_rule_in_words(firm: Firm, tmp_path):
    minimal = shipped("minimal")
    firm.scorecard(minimal)
    draft = _file(tmp_path, minimal.replace("points: 15\n", "points: 20\n"))
    assert _done(firm, "diff", draft) == "Rule “Form submitted”: points: 15 → 20\n"
    assert _done(firm, "diff", draft, draft) == "no difference\n"


def test_n12_a_diff_without_files_compares_the_last_two_versions(firm: Firm):
    firm.scorecard(shipped("minimal"))
    firm.scorecard(shipped("minimal").replace("points: 15\n", "points: 20\n"))
    assert _done(firm, "diff") == "Rule “Form submitted”: points: 15 → 20\n"
    assert _done(firm, "diff", "3", "2") == "Rule “Form submitted”: points: 20 → 15\n"


def test_n12_a_roll_back_publishes_the_older_text_anew_and_scores_everybody(firm: Firm):
    contact = firm.submit_form(email="ada@nova.example")
    firm.settle()
    first = firm.platform(contact)
    firm.scorecard(shipped("b2b"))
    firm.settle()
    assert firm.platform(contact) != first
    assert _done(firm, "rollback") == "the text of version 1 is in force as version 3\n"
    firm.settle()
    assert firm.platform(contact) == first
    with for_reading(firm.runtime.engine).begin() as connection:
        texts = [one.source for one in scorecards.versions(connection)]
    assert texts == [shipped("minimal"), shipped("b2b"), shipped("minimal")]


def test_n12_a_roll_back_to_nowhere_is_refused(firm: Firm):
    nowhere = _run(firm, "rollback")
    assert nowhere.exit_code == 1
    assert "there is no version before the one in force" in nowhere.stderr
    assert "there is no version 9" in _run(firm, "rollback", "9").stderr


def test_n12_a_challenger_is_recorded_and_never_written(firm: Firm):
    firm.scorecard(shipped("minimal"))
    contact = firm.submit_form(email="ada@nova.example")
    firm.settle()
    written, calls = firm.platform(contact), len(firm.standin.requests)
    challenge(firm.runtime.engine, shipped("b2b"), "b2b", firm.now)
    firm.settle()
    assert firm.platform(contact) == written
    assert [call for call in firm.standin.requests[calls:] if call.method != "GET"] == []
    with for_reading(firm.runtime.engine).begin() as connection:
        running = challengers.current(connection)
        assert running is not None
        [pair] = challengers.pairs(connection, running.id)
    [rehearsed] = rehearse(firm.runtime.engine, shipped("b2b"), "b2b", firm.now)
    assert (pair.challenger_score, pair.challenger_band) == (
        rehearsed.draft.score,
        rehearsed.draft.band,
    )
    assert pair.champion_score == rehearsed.live.score


def test_n12_the_challenger_follows_what_people_do(firm: Firm):
    firm.scorecard(shipped("minimal"))
    challenge(firm.runtime.engine, shipped("b2b"), "b2b", firm.now)
    contact = firm.submit_form(email="ada@nova.example")
    firm.settle()
    before = compare(firm.runtime.engine)
    firm.wait(hours=1)
    firm.visit("/demo", contact)
    firm.settle()
    after = compare(firm.runtime.engine)
    assert before.contacts == after.contacts == 1
    assert after.mean_difference > before.mean_difference


def test_n12_the_command_starts_compares_and_stops_a_challenger(firm: Firm, tmp_path):
    firm.submit_form(email="ada@nova.example")
    firm.settle()
    assert _run(firm, "compare").exit_code == 1
    started = _done(firm, "challenge", _file(tmp_path, shipped("b2c")))
    assert started.startswith("draft.yaml runs beside the scorecard in force")
    firm.settle()
    assert _done(firm, "compare").startswith("1 contacts; on average the challenger gives ")
    assert _done(firm, "challenge", "--off") == "no challenger runs any more\n"
    assert "no challenger runs" in _run(firm, "compare").stderr


def test_n12_a_sensitive_rule_that_is_on_is_flagged(firm: Firm, tmp_path):
    text = shipped("b2c").replace("        on: false\n", "", 1)
    result = _run(firm, "validate", _file(tmp_path, text))
    assert result.exit_code == 0
    assert result.stderr.startswith("sensitive rules are on: sex. ")
    assert _run(firm, "validate", _file(tmp_path, shipped("b2c"))).stderr == ""
