"""Companies: breadth beats one eager person."""

from __future__ import annotations

import json
import os
from typing import Any

from click.testing import CliRunner
from firm_kit import Firm

from plugin.cli import main

_CARD = """
name: Accounts
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: page, kind: activity, points: 20, activity: page_viewed}
bands:
  - {id: cold}
"""


def _person(firm: Firm, email: str, pages: int, **answers: str) -> None:
    contact = firm.submit_form(email=email, **answers)
    for _ in range(pages):
        firm.visit("/", contact)


def _accounts(firm: Firm) -> list[dict[str, Any]]:
    firm.settle()
    given = ["--data", str(firm.data), "accounts", "--json"]
    # The command looks by the machine's clock; the firm's people were active in its own time.
    result = CliRunner(env={"MATURO_CONFIG": os.devnull}).invoke(main, given)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def _scores(firm: Firm) -> dict[str, float]:
    from plugin.services.accounts import accounts

    firm.settle()
    return {one.name: one.score / 1_000_000 for one in accounts(firm.runtime.engine, firm.now)}


def test_n10_three_people_at_20_beat_one_at_60(firm: Firm):
    firm.scorecard(_CARD)
    for name in ("ada", "eve", "bob"):
        _person(firm, f"{name}@wide.example", 1)
    _person(firm, "eager@narrow.example", 3)
    found = _scores(firm)
    assert found["wide.example"] == 20 + 10 + 5 + 3 * 15
    assert found["narrow.example"] == 60 + 15
    assert list(found) == ["wide.example", "narrow.example"]


def test_n10_a_free_mail_domain_is_no_account_but_a_named_company_is(firm: Firm):
    firm.scorecard(_CARD)
    _person(firm, "ada@gmail.com", 1)
    _person(firm, "eve@gmail.com", 1, company="Nova")
    found = _scores(firm)
    assert list(found) == ["Nova"]


def test_n10_roles_are_read_from_job_titles_in_both_languages(firm: Firm):
    firm.scorecard(_CARD)
    _person(firm, "ada@nova.example", 1, position="Directrice commerciale")
    _person(firm, "eve@nova.example", 1, position="Sales manager")
    assert _scores(firm)["nova.example"] == 20 + 10 + 2 * 15 + 2 * 5


def test_n10_the_command_lists_accounts_with_their_people(firm: Firm):
    firm.scorecard(_CARD)
    _person(firm, "ada@nova.example", 2)
    [shown] = _accounts(firm)
    assert shown["account"] == "nova.example"
    assert len(shown["people"]) == 1
