"""The tables that people read, of commands that machines read as JSON."""

from __future__ import annotations

import os
from importlib.resources import files

import pytest
from click.testing import CliRunner
from firm_kit import Firm, shipped

from plugin.cli import main
from plugin.services.challenge import challenge


def _told(firm: Firm, *arguments: object) -> str:
    given = ["--data", str(firm.data), *map(str, arguments)]
    result = CliRunner(env={"MATURO_CONFIG": os.devnull, "COLUMNS": "140"}).invoke(main, given)
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture
def peopled(firm: Firm) -> Firm:
    firm.scorecard(shipped("b2c"))
    contact = firm.submit_form(form="Devis", email="ada@nova.example", company="Nova")
    firm.visit("/product-a", contact)
    firm.settle()
    return firm


def test_r07_contacts_are_told_with_interest_and_reasons(peopled: Firm):
    told = _told(peopled, "contacts", "--lang", "fr")
    assert "product A" in told
    assert "A demandé un devis" in told


def test_n10_accounts_are_told_by_name(peopled: Firm):
    assert "Nova" in _told(peopled, "accounts")


def test_n02_a_rehearsal_is_told_by_band(peopled: Firm, tmp_path):
    # By the machine's clock all that the firm's people earned has faded.
    text = shipped("b2c").replace("enter: 15, leave: 10", "enter: -100, leave: -100")
    draft = tmp_path / "draft.yaml"
    draft.write_text(text, encoding="utf-8")
    told = _told(peopled, "scorecard", "rehearse", draft, "--weeks", 520)
    assert "1 contacts would change their band" in told
    assert "nurture" in told
    assert "2026-03-02" in told


def test_n12_where_a_challenger_differs_is_told_by_contact(peopled: Firm):
    text = shipped("b2c").replace("points: 25", "points: 45")
    challenge(peopled.runtime.engine, text, "draft", peopled.now)
    peopled.settle()
    told = _told(peopled, "scorecard", "compare")
    assert "by the challenger" in told
    assert '"challenger": "ready"' in _told(peopled, "scorecard", "compare", "--json")


def test_n12_the_import_command_writes_a_scorecard_and_says_what_is_left_out(tmp_path):
    recorded = os.path.join(os.path.dirname(__file__), "..", "payloads", "mautic", "story")
    given = ["scorecard", "import", "mautic", "--file", f"{recorded}/points.json"]
    result = CliRunner(env={"MATURO_CONFIG": os.devnull}).invoke(
        main, [*given, "--triggers", f"{recorded}/triggers.json"]
    )
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("# The points that mautic gives by its own rules.")
    assert 'not imported: point action "Carrières 11"' in result.stderr
    imported = tmp_path / "imported.yaml"
    imported.write_text(result.stdout, encoding="utf-8")
    checked = CliRunner().invoke(main, ["scorecard", "validate", str(imported)])
    assert checked.output == "imported.yaml: 7 rules in 1 groups, no mistake\n"


def test_n12_the_schema_command_prints_what_is_shipped():
    printed = CliRunner().invoke(main, ["scorecard", "schema"]).stdout
    shipped_schema = files("plugin").joinpath("scorecards/scorecard.schema.json")
    assert printed == shipped_schema.read_text(encoding="utf-8")
