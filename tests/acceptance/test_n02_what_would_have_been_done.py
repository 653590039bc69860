"""What a rehearsal says a draft would have done is what it does where it is in force."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from firm_kit import Firm, opened, shipped
from profile_kit import edit

from plugin.cli import main
from plugin.services.rehearse import rehearse
from plugin.storage.actions import DONE
from plugin.worker import look_again_some

DRAFT = """
name: Draft
handovers_per_week: 100
outcomes: {won: {tag: customer}, lost: {field: tags, contains: lost}}
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: demo, kind: activity, points: 30, activity: form_submitted, form: Demo form,
         decay: {expires: 9d}}
      - {id: pages, kind: activity, points: 8, activity: page_viewed, decay: {half_life: 5d}}
      - {id: careers, kind: activity, points: -12, activity: page_viewed, url: '*/careers',
         decay: {linear: 20d}}
      - {id: product, kind: repeat, points: 2, activity: page_viewed, url: '*/product', every: 3,
         by: activity, actions: [{add_to_segment: 1}]}
bands:
  - {id: cold, on_fall: [{remove_from_campaign: 1}]}
  - {id: warm, enter: 20, leave: 15, stay: 1d, on_rise: [{add_to_campaign: 1}],
     on_fall: [{set_stage: 1}]}
  - {id: hot, enter: 45, leave: 35, rearm: 12d, on_rise: [{send_email: 1}, {call: {within: 1d}}]}
"""


@contextmanager
def _lived(folder: Path, card: str, seed: int) -> Iterator[Firm]:
    """A month of five people; what they do depends on the seed alone."""
    chance = Random(seed)
    with opened(folder) as firm:
        firm.scorecard(card)
        people: list[int | None] = [None] * 5
        for _ in range(45):
            _pass(firm, hours=chance.choice([1, 3, 30]))
            who = chance.randrange(5)
            if chance.random() < 0.2:
                people[who] = firm.submit_form(people[who], email=f"p{who}@firm.example")
            else:
                path = chance.choice(["/", "/pricing", "/product", "/product", "/careers"])
                people[who] = firm.visit(path, people[who])
            firm.settle()
        yield firm


def _pass(firm: Firm, hours: int) -> None:
    """Time passes, and the worker looks at whoever changes by it within the half hour."""
    for _ in range(2 * hours):
        firm.wait(minutes=30)
        if look_again_some(firm.runtime):
            firm.settle()


@pytest.mark.parametrize("seed", [2])
def test_n02_what_a_draft_would_have_done_is_what_it_does_where_it_is_in_force(tmp_path, seed):
    with _lived(tmp_path / "in-force", DRAFT, seed) as firm:
        done = [
            ((one.contact, one.occasion, one.name, one.object), one.at)
            for one in firm.actions()
            if one.state == DONE
        ]
    with _lived(tmp_path / "rehearsed", shipped("minimal"), seed) as firm:
        would = [
            ((one.contact, each.occasion, each.action.name, each.action.object), each.at)
            for one in rehearse(firm.runtime.engine, DRAFT, "draft", firm.now)
            for each in one.draft_past.asked
        ]
    assert [what for what, _ in sorted(would)] == [what for what, _ in sorted(done)]
    assert {name for (_, _, name, _), _ in done} == {
        "add_to_campaign",
        "add_to_segment",
        "call",
        "remove_from_campaign",
        "send_email",
        "set_stage",
    }
    for (_, rehearsed), (_, real) in zip(sorted(would), sorted(done), strict=True):
        assert timedelta(minutes=-1) < real - rehearsed < timedelta(minutes=45)


def test_n02_who_was_won_tells_how_often_each_band_was_right(firm: Firm):
    firm.scorecard(shipped("minimal"))
    won, lost, later = (firm.submit_form(email=f"{name}@nova.example") for name in "abc")
    firm.visit("/pricing", lost)
    firm.wait(days=2)
    for contact in (won, later):
        firm.visit("/product", contact)
        firm.visit("/product", contact)
    firm.wait(hours=1)
    edit(firm, won, tags=["customer"])
    edit(firm, lost, tags=["lost"])
    firm.wait(hours=1)
    for _ in range(3):
        firm.visit("/product", won)
    firm.settle()
    told = _rehearsed(firm, DRAFT)["outcomes"]
    # What came after the outcome does not count, and of ``later`` nothing is known.
    assert told["draft"] == [
        {"band": "cold", "reached": 2, "won": 1},
        {"band": "warm", "reached": 2, "won": 1},
        {"band": "hot", "reached": 1, "won": 1},
    ]
    assert told["live"][0] == {"band": "cold", "reached": 2, "won": 1}


def test_n02_mails_and_calls_are_named_with_contact_cause_and_moment(firm: Firm):
    firm.scorecard(shipped("minimal"))
    ada = firm.submit_form(email="ada@nova.example")
    firm.wait(minutes=5)
    firm.visit("/product", ada)
    firm.visit("/product", ada)
    firm.settle()
    told = _rehearsed(firm, DRAFT)
    hot = {
        "at": "2026-03-02T09:05:00Z",
        "contact": f"mautic/{ada}",
        "occasion": "rise:hot",
    }
    assert told["actions"]["live"] == []
    assert [one for one in told["actions"]["draft"] if one["occasion"] == "rise:hot"] == [
        hot | {"action": "send_email", "object": "1"},
        hot | {"action": "call", "object": ""},
    ]
    assert told["calls_per_week"] == [{"week": "2026-03-02", "live": 0, "draft": 1}]
    shown = _run(firm, DRAFT)
    assert "send_email" in shown
    assert f"mautic/{ada}" in shown
    assert "entered hot" in shown


def test_n02_a_sample_is_spread_over_all_contacts(firm: Firm):
    firm.scorecard(shipped("minimal"))
    for number in range(8):
        firm.submit_form(email=f"p{number}@nova.example")
    firm.settle()
    assert _rehearsed(firm, DRAFT, "--sample", "4")["contacts"] == 4


def _rehearsed(firm: Firm, text: str, *options: str) -> Any:
    return json.loads(_run(firm, text, "--json", *options))


def _run(firm: Firm, text: str, *options: str) -> str:
    file = firm.data / "draft.yaml"
    file.write_text(text, encoding="utf-8")
    # By the machine's clock the firm's weeks may be long ago.
    given = ["--data", str(firm.data), "scorecard", "rehearse", str(file), "--weeks", "520"]
    environment = {"MATURO_CONFIG": os.devnull, "COLUMNS": "200"}
    result = CliRunner(env=environment).invoke(main, [*given, *options])
    assert result.exit_code == 0, result.output
    return result.stdout
