"""R63–R69, R71: everything arrives, nothing is lost or forged, and what is wrong is said."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result
from firm_kit import SECRET, Firm, shipped
from mail_kit import card, click, known, open_mail, send

from connectors.mautic.standin.hooks import process_queue
from connectors.mautic.standin.visitors import delete_contact
from connectors.signature import sign
from plugin.cli import main
from plugin.storage.actions import DONE
from tests.deadlines import DEADLINE

ROOT = Path(__file__).parents[2]
EVERYTHING = card(
    """
    {id: form, kind: activity, points: 1, activity: form_submitted}
    {id: page, kind: activity, points: 10, activity: page_viewed, url: '*/pricing'}
    {id: open, kind: activity, points: 100, activity: email_opened}
    {id: click, kind: activity, points: 1000, activity: email_clicked}
    """
)


@pytest.mark.parametrize("queued", [False, True], ids=["one a body", "many a body"])
def test_r63_all_behaviour_arrives_by_itself_one_or_many_a_body(firm: Firm, queued: bool) -> None:
    firm.scorecard(EVERYTHING)
    firm.standin.queued = queued
    ada = _active(firm)
    process_queue(firm.standin)
    firm.settle()
    assert firm.points(ada) == {"form": 1, "page": 10, "open": 100, "click": 1000}
    assert firm.platform(ada)["score"] == 1111
    bodies = [json.loads(receipt.body) for receipt in firm.runtime.inbox.read(0, 100)]
    most = max(len(items) for body in bodies for items in body.values())
    assert (most > 1) is queued


def test_r64_while_worker_and_platform_are_down_deliveries_are_taken_and_nothing_is_lost(
    firm: Firm,
) -> None:
    firm.scorecard(EVERYTHING)
    for _ in range(5):
        firm.standin.faults.refuse(503)
    ada = _active(firm)
    taken = [sent.status for sent in firm.standin.sent]
    assert taken
    assert set(taken) == {200}
    assert "score" not in firm.platform(ada)
    _until_written(firm)
    assert firm.platform(ada)["score"] == 1111


@pytest.mark.parametrize("forged", ["another secret", "another body", "no signature"])
def test_r65_what_is_not_authentic_is_401_and_leaves_no_row(firm: Firm, forged: str) -> None:
    body = b'{"mautic.page_on_hit": []}'
    signature = sign(body, "a guess" if forged == "another secret" else SECRET)
    headers = {} if forged == "no signature" else {"Webhook-Signature": signature}
    sent = body + b" " if forged == "another body" else body
    before = firm.runtime.inbox.last_id()
    assert requests.post(firm.hook, data=sent, headers=headers, timeout=DEADLINE).status_code == 401
    assert firm.runtime.inbox.last_id() == before
    headers = {"Webhook-Signature": sign(body, SECRET)}
    assert requests.post(firm.hook, data=body, headers=headers, timeout=DEADLINE).status_code == 200
    assert firm.runtime.inbox.last_id() == before + 1


def test_r67_refusals_failures_and_lost_answers_end_in_the_right_value_and_one_mail(
    firm: Firm,
) -> None:
    firm.scorecard(EVERYTHING.replace("tag: hot", "tag: hot, on_rise: [{send_email: 1}]"))
    faults = firm.standin.faults
    ada = firm.submit_form(email="ada@example.org")
    firm.visit("/pricing", ada)
    faults.refuse(429, retry_after=30)
    faults.refuse(500, kind="contact")
    faults.drop(kind="contact")
    faults.drop(kind="action")
    _until_written(firm)
    assert firm.platform(ada)["score"] == 11
    assert firm.platform(ada)["tags"] == ["hot"]
    assert [(mail.contact, mail.email) for mail in firm.standin.mails] == [(ada, 1)]


def test_r68_an_invalid_rule_is_refused_at_its_line_and_what_was_in_force_stays(
    firm: Firm, tmp_path: Path
) -> None:
    firm.scorecard(EVERYTHING)
    wrong = EVERYTHING.replace("points: 100,", "points: lots,")
    line = next(number for number, text in enumerate(wrong.splitlines(), 1) if "lots" in text)
    file = tmp_path / "card.yaml"
    file.write_text(wrong, encoding="utf-8")
    refused = _run(firm, "scorecard", "publish", str(file))
    assert refused.exit_code == 1
    assert f'card.yaml:{line}: rule "open": points' in refused.output
    assert _run(firm, "scorecard", "export").stdout == EVERYTHING


def test_r68_no_secret_is_ever_shown_back(firm: Firm) -> None:
    for arguments in (["connections"], ["connections", "--json"], ["check"], ["check", "--json"]):
        shown = _run(firm, *arguments).output
        assert "mautic" in shown
        assert firm.standin.client_secret not in shown
        assert SECRET not in shown


def test_r69_a_merge_unites_both_histories_under_the_id_that_stays(firm: Firm) -> None:
    firm.scorecard(EVERYTHING)
    old = firm.submit_form(email="ada@example.org")
    firm.settle()
    firm.wait(hours=1)
    # On another device: a visitor, until the form tells who it is.
    visitor = firm.visit("/pricing")
    new = firm.submit_form(visitor, email="ada@example.org")
    assert (new, new != old) == (visitor, True)
    firm.settle()
    assert firm.platform(new)["score"] == 1 + 10 + 1
    assert firm.explain(old).score == firm.explain(new).score


def test_r69_a_deleted_contact_leaves_no_personal_data_and_a_proof(firm: Firm) -> None:
    firm.scorecard(shipped("minimal"))
    ada = firm.submit_form(email="ada.lovelace@example.org", lastname="Lovelace")
    firm.settle()
    firm.wait(minutes=1)
    delete_contact(firm.standin, ada)
    firm.settle()
    with firm.runtime.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        contents = "\n".join(driver.iterdump())
        proofs = connection.exec_driver_sql("SELECT count(*) FROM erasures").scalar_one()
    assert "ovelace" not in contents
    assert proofs == 1
    assert _run(firm, "explain", f"mautic/{ada}").exit_code == 1


def test_r71_the_named_parts_are_there_and_their_libraries_in_real_use() -> None:
    for part in ("pyproject.toml", "plugin", "connectors", "tests", "manifest.json", "README.md"):
        assert (ROOT / part).exists(), part
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = " ".join(project["dependencies"] + project["optional-dependencies"]["dev"])
    for library in ("flask", "requests", "httpx", "marshmallow", "pytest", "responses"):
        assert library in declared.lower(), library
        folders = ("tests",) if library in ("pytest", "responses") else ("plugin", "connectors")
        assert any(
            f"import {library}" in text or f"from {library}" in text
            for folder in folders
            for text in (path.read_text(encoding="utf-8") for path in (ROOT / folder).rglob("*.py"))
        ), library


def _active(firm: Firm) -> int:
    """Somebody who does one of everything."""
    ada = known(firm)
    firm.visit("/pricing", ada)
    mail = send(firm, ada)
    open_mail(firm, mail)
    firm.wait(minutes=2)
    click(firm, mail, "https://www.firm.example/")
    firm.wait(hours=1)
    return ada


def _until_written(firm: Firm) -> None:
    """Work, and rest as long as the platform asks for, until nothing waits."""
    for _ in range(12):
        firm.settle()
        firm.wait(minutes=10)
    assert {one.state for one in firm.actions()} <= {DONE}


def _run(firm: Firm, *arguments: str) -> Result:
    given = ["--data", str(firm.data), *arguments]
    return CliRunner(env={"MATURO_CONFIG": os.devnull}).invoke(main, given)
