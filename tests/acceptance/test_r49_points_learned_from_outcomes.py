"""R47 to R51: what those who were won share becomes a proposal, a draft, and then a score."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result
from firm_kit import Firm, opened

from connectors.mautic.standin.author import ADMIN
from connectors.mautic.standin.hooks import changing
from connectors.mautic.standin.saving import save
from plugin.cli import main
from plugin.commands import common
from plugin.learning.question import Question
from plugin.runtime import open_runtime
from plugin.scoring.outcomes import outcome_of
from plugin.services.audit import trail
from plugin.services.learn import learn
from plugin.services.pasts import pasts
from plugin.services.rescore import live_scorecard
from plugin.storage.engine import for_reading
from plugin.storage.scores import scored_contacts

CARD = """
name: Firm
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: form, kind: activity, points: 10, activity: form_submitted}
  - id: who
    dimension: fit
    rules:
      - {id: lyon, kind: field, points: 5, if: {field: city, equals: Lyon}}
bands:
  - {id: cold}
  - {id: hot, enter: 20, leave: 15}
outcomes:
  won: {tag: customer}
  lost: {tag: lost}
"""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    """A firm whose contacts buy within days of looking at the demo, and seldom otherwise.

    Sales writes a fax number when somebody buys; some contacts, whoever they are, are lucky.
    """
    with opened(tmp_path_factory.mktemp("firm")) as firm:
        firm.scorecard(CARD)
        chance, unlucky = Random(20260101), []
        for week in range(20):
            known = [_arrives(firm, week, number) for number in range(6)]
            unlucky += known
            firm.wait(days=3)
            for number, contact in enumerate(known):
                if number < 3:
                    firm.visit("/demo", contact)
            firm.wait(days=4)
            for number, contact in enumerate(known):
                if number in (0, 1) or (number == 5 and week % 3 == 0):
                    _change(firm, contact, tags=["customer"], fax=f"+33 {contact}")
            for lucky in chance.sample(unlucky, 4):
                unlucky.remove(lucky)
                _change(firm, lucky, tags=["lucky"])
        firm.wait(days=30)
        firm.settle()
        yield firm


def _arrives(firm: Firm, week: int, number: int) -> int:
    city, title = ("Lyon", "Paris", "Lille")[number % 3], ("Mr", "Mrs")[number % 2]
    return firm.submit_form(email=f"c{week}.{number}@nova.example", city=city, title=title)


def _change(firm: Firm, contact: int, **fields: Any) -> None:
    held = firm.standin.find(contact)
    assert held is not None
    with changing(firm.standin) as events:
        save(firm.standin, held, fields, ADMIN, events)


@pytest.fixture(scope="module")
def proposal(lived: Firm) -> dict[str, Any]:
    month, day = timedelta(days=30), timedelta(days=1)
    return learn(lived.runtime.engine, lived.now, Question(month, 3 * day, 1000))


def _about_pages(proposal: dict[str, Any]) -> list[dict[str, Any]]:
    found = [row for row in proposal["rows"] if row["rule"].get("activity") == "page_viewed"]
    assert found
    return found


def _run(firm: Firm, *given: str) -> Result:
    environment = {"MATURO_CONFIG": os.devnull, "COLUMNS": "200"}
    return CliRunner(env=environment).invoke(main, ["--data", str(firm.data), *given])


def test_r47_r48_r49_what_winners_share_gets_points_and_the_figures_of_later_contacts(
    proposal: dict[str, Any],
) -> None:
    assert proposal["form"] == "corrections"
    assert proposal["advice"] == "weak"
    assert 20 <= proposal["wins"] < 80
    for row in _about_pages(proposal):
        assert row["points"] > 0
        assert row["won_with"] > 2 * row["won_without"]
    found = {one["by"]: one["auc"]["value"] for one in proposal["comparisons"]}
    assert found["proposal"] > found["present"] + 0.1
    assert found["chance"] == 0.5
    assert proposal["calibration_error"] is None


def test_r49_the_same_history_gives_the_same_proposal(
    lived: Firm, proposal: dict[str, Any]
) -> None:
    month, day = timedelta(days=30), timedelta(days=1)
    again = learn(lived.runtime.engine, lived.now, Question(month, 3 * day, 1000))
    assert orjson.dumps(again) == orjson.dumps(proposal)


@pytest.fixture
def propose(
    lived: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., dict[str, Any]]:
    """``maturo learn propose`` on the day on which the firm's story ends, or ``earlier``."""

    def run(*given: str, earlier: timedelta = timedelta()) -> dict[str, Any]:
        clock = partial(open_runtime, clock=lambda: lived.now - earlier)
        monkeypatch.setattr(common, "open_runtime", clock)
        told = tmp_path / "proposal.json"
        asked = ("learn", "propose", str(told), "--horizon=30d", "--every=3d")
        done = _run(lived, *asked, *given)
        assert done.exit_code == 0, done.output
        return {**orjson.loads(told.read_bytes()), "shown": done.output}

    return run


def test_n07_random_outcomes_are_no_better_than_chance(
    lived: Firm, propose: Callable[..., dict[str, Any]]
) -> None:
    lived.scorecard(CARD.replace("tag: customer", "tag: lucky"))
    found = propose()
    lived.scorecard(CARD)
    assert found["wins"] >= 20
    assert found["advice"] == "no_better_than_chance"
    assert "no better than chance" in found["shown"]


def test_n07_what_sales_writes_at_the_win_is_refused_by_name(
    propose: Callable[..., dict[str, Any]],
) -> None:
    found = propose()
    [leak] = [one for one in found["leaks"] if "fax" in str(found["left_out"][one["column"]])]
    assert (leak["sign"], leak["figure"]) == ("late", 1)
    assert f"Left out, because it knows too much: {leak['column']} (fax is known)" in found["shown"]
    assert all("fax" not in str(row["rule"]) for row in found["rows"])
    allowed = propose(f"--allow={leak['column']}")
    assert leak["column"] not in {one["column"] for one in allowed["leaks"]}


def test_n07_a_week_of_calls_has_a_threshold_with_what_it_brings(
    propose: Callable[..., dict[str, Any]],
) -> None:
    # Six come each week, and three of them look at the demo.
    found = propose("--calls=4", "--calls=50", earlier=timedelta(days=28))
    few, many = found["thresholds"]["capacity"]
    assert (few["asked"], many["asked"]) == (4, 50)
    assert 3 <= few["a_week"] <= 4 < many["a_week"] <= 6
    assert few["least"] > many["least"]
    assert few["precision"]["value"] > 2 * many["precision"]["value"]
    for one in found["thresholds"]["precision"]:
        assert one["precision"]["value"] >= one["asked"]
    assert "where to begin, by calls" in found["shown"]


def test_protected_fields_need_a_reason_which_is_kept_and_what_they_bring_is_told(
    lived: Firm, propose: Callable[..., dict[str, Any]]
) -> None:
    found = propose()
    assert found["protected"] == {"left_out": {"title": "sex"}, "used": {}, "reason": ""}
    assert found["cost"] is None
    refused = _run(lived, "learn", "propose", "p.json", "--with-protected=title", "--reason= ")
    assert refused.exit_code == 2
    assert "must not decide about people without a reason" in " ".join(refused.output.split())
    reason = "Only men buy our razors, says the board."
    used = propose("--with-protected=title", f"--reason={reason}")
    assert used["protected"] == {"left_out": {}, "used": {"title": "sex"}, "reason": reason}
    assert used["cost"]["gain"]["low"] <= 0
    assert reason in used["shown"]
    [line] = trail(lived.runtime.engine, what="learning.protected_used")
    assert (line.object, line.after, line.who) == ("title", reason, "command line")


def test_a_protected_field_that_is_not_there_is_named_with_those_that_are(
    lived: Firm, propose: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    given = ("--with-protected=birthday", "--reason=x")
    done = _run(lived, "learn", "propose", str(tmp_path / "p.json"), *given)
    assert done.exit_code == 1
    assert "no protected field birthday is filled in" in done.output
    assert "there are: title" in done.output


def test_r50_a_person_refuses_and_adjusts_rows_and_the_draft_changes_a_score(
    lived: Firm, proposal: dict[str, Any], tmp_path: Path
) -> None:
    told, written = tmp_path / "proposal.json", tmp_path / "draft.yaml"
    told.write_bytes(orjson.dumps(proposal))
    best = _about_pages(proposal)[0]["id"]
    refused = [row["id"] for row in proposal["rows"] if row["id"] != best][:2]
    assert len(refused) == 2
    shown = _run(lived, "learn", "report", str(told))
    assert shown.exit_code == 0, shown.output
    assert proposal["rows"][0]["rule"]["label"]["en"] in shown.output
    printed = _run(lived, "learn", "report", str(told), "--json").stdout
    assert json.loads(printed) == orjson.loads(told.read_bytes())
    decided = [f"--refuse={row}" for row in refused] + [f"--points={best}=33"]
    made = _run(lived, "learn", "draft", str(told), str(written), *decided)
    assert made.exit_code == 0, made.output
    rehearsed = _run(lived, "scorecard", "rehearse", str(written))
    assert rehearsed.exit_code == 0, rehearsed.output
    newcomer = lived.submit_form(email="ada@nova.example")
    lived.visit("/demo", newcomer)
    lived.settle()
    assert lived.platform(newcomer)["score"] == 10
    published = _run(lived, "scorecard", "publish", str(written))
    assert published.exit_code == 0, published.output
    lived.settle()
    points = lived.points(newcomer)
    assert points["form"] == 10
    assert 33 in points.values()
    assert lived.platform(newcomer)["score"] == round(sum(points.values()))
    lived.scorecard(CARD)


def test_r50_a_decision_on_a_row_that_is_not_there_is_refused(
    lived: Firm, proposal: dict[str, Any], tmp_path: Path
) -> None:
    told, written = tmp_path / "proposal.json", tmp_path / "draft.yaml"
    told.write_bytes(orjson.dumps(proposal))
    made = _run(lived, "learn", "draft", str(told), str(written), "--refuse=learned-9999")
    assert made.exit_code == 1
    assert "no row learned-9999 in the proposal" in made.output
    assert not written.exists()


def test_r51_who_marks_nobody_as_won_is_told_how(firm: Firm, tmp_path: Path) -> None:
    firm.scorecard(CARD)
    firm.submit_form(email="ada@nova.example")
    firm.settle()
    asked = _run(firm, "learn", "propose", str(tmp_path / "proposal.json"))
    assert asked.exit_code == 1
    assert "say by `outcomes` in the scorecard" in asked.output


def test_n07_r51_few_wins_bring_a_table_of_differences_and_no_points(firm: Firm) -> None:
    firm.scorecard(CARD)
    known = [firm.submit_form(email=f"c{number}@nova.example") for number in range(40)]
    firm.wait(days=1)
    for contact in known[:15]:
        firm.visit("/demo", contact)
    firm.wait(days=7)
    for contact in known[:12]:
        _change(firm, contact, tags=["customer"])
    firm.settle()
    firm.wait(days=40)
    day = timedelta(days=1)
    found = learn(firm.runtime.engine, firm.now, Question(30 * day, day, 1000))
    assert (found["advice"], found["form"], found["rows"]) == ("too_few_wins", "none", ())
    assert found["wins"] == 12
    for one in found["differences"]:
        assert 0 <= one["winners"][0] < one["winners"][1] <= 1


def test_r51_outcomes_come_from_a_table_that_sales_exported(tmp_path: Path) -> None:
    with opened(tmp_path / "firm") as firm:
        firm.scorecard(CARD)
        ada, bob = (firm.submit_form(email=f"{name}@nova.example") for name in ("ada", "bob"))
        firm.settle()
        firm.wait(days=9)
        table = tmp_path / "crm.csv"
        rows = ["ADA@nova.example;Gagné;{0:%d/%m/%Y}", "bob@nova.example;Perdu;{0:%d/%m/%Y}"]
        told = ["Courriel;Statut;Date", *rows, "eve@nova.example;Gagné;{0:%d/%m/%Y}"]
        table.write_text("\n".join(told).format(firm.now - timedelta(days=3)), encoding="utf-8")
        asked = ["learn", "outcomes", str(table)]
        shown = _run(firm, *asked)
        assert "1 lost, 1 won" in shown.output
        assert "no contact has this e-mail address" in shown.output
        assert _outcomes(firm) == {}
        assert "Recorded for 2 contacts" in _run(firm, *asked, "--apply").output
        assert _outcomes(firm) == {ada: "won", bob: "lost"}
        table.write_text(f"email,status,date\nada@nova.example,open,{firm.now:%Y-%m-%d}\n")
        firm.wait(days=1)
        _run(firm, *asked, "--apply")
        assert _outcomes(firm) == {bob: "lost"}


def _outcomes(firm: Firm) -> dict[int, str]:
    """What is known to have become of contacts, by the platform's ids."""
    found = {}
    with for_reading(firm.runtime.engine).begin() as connection:
        live = live_scorecard(connection)
        known = scored_contacts(connection, 1)
        told = pasts(connection, live.card, list(known.values()))
    for platform_id, own in known.items():
        if (outcome := outcome_of(live.card.outcomes, told[own])) is not None:
            found[int(platform_id)] = outcome.result
    return found
