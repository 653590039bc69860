"""R62, R67, R68, R69 and P7: what the platform holds of ours, through trouble and back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable

import httpx
import pytest
from click.testing import CliRunner
from firm_kit import Firm

from connectors.mautic.standin.visitors import delete_contact
from plugin.cli import main
from plugin.config import load_config
from plugin.scoring.problems import ScorecardError
from plugin.services.publish import publish
from plugin.storage.tables import metadata
from plugin.web import create_app
from plugin.worker import score_some

CARD = """
name: Firm
groups:
  - id: all
    dimension: engagement
    rules:
      - {id: visit, kind: activity, points: 1, activity: page_viewed}
      - {id: demo, kind: activity, points: 35, activity: form_submitted}
bands:
  - {id: cold, tag: cold}
  - {id: ready, enter: 30, tag: ready, on_rise: [{send_email: 1}]}
"""


def _asked(firm: Firm, path: str, **params: str) -> dict[str, object]:
    """What the platform's own API answers to its administrator."""
    standin = firm.standin
    answer = httpx.get(
        f"{standin.site_url}{path}", params=params, auth=(standin.user, standin.password)
    )
    told: dict[str, object] = answer.raise_for_status().json()
    return told


def test_r62_score_grade_band_and_tag_are_in_the_platform_and_can_be_searched_there(
    firm: Firm,
) -> None:
    firm.scorecard(CARD)
    ada = firm.submit_form(email="ada@example.org")
    firm.submit_form(form="Other", firstname="Bob")
    firm.visit("/")
    firm.settle()
    found = _asked(firm, "/api/contacts", search='tag:"ready"')["contacts"]
    assert isinstance(found, dict)
    held = found[str(ada)]["fields"]["all"]
    ours = {name: value for name, value in held.items() if name.startswith("maturo_")}
    assert (ours["maturo_score"], ours["maturo_engagement"]) == (35, 35)
    assert (ours["maturo_grade"], ours["maturo_band"]) == ("D", "ready")


@pytest.mark.parametrize(
    "trouble",
    [
        lambda faults: faults.refuse(429, retry_after=5, times=3),
        lambda faults: faults.refuse(500, times=4),
        lambda faults: faults.drop(times=2, kind="contact"),
        lambda faults: faults.drop(times=1, kind="action"),
    ],
    ids=["429", "500", "lost answers to writes", "lost answer to a mail"],
)
def test_r67_after_any_fault_the_final_value_is_right_and_nothing_is_doubled(
    firm: Firm, trouble: Callable[..., None]
) -> None:
    firm.scorecard(CARD)
    ada = firm.submit_form(email="ada@example.org")
    trouble(firm.standin.faults)
    for _ in range(8):
        firm.settle()
        firm.wait(minutes=2)
    firm.visit("/", ada)
    firm.settle()
    assert (firm.platform(ada)["score"], firm.platform(ada)["tags"]) == (36, ["ready"])
    assert len(firm.standin.mails) == 1


def test_r68_an_invalid_rule_is_refused_at_its_field_and_the_old_card_stays(firm: Firm) -> None:
    version = firm.scorecard(CARD)
    with pytest.raises(ScorecardError, match=r'card.yaml:8: rule "demo": points'):
        publish(firm.runtime.engine, CARD.replace("35", "many"), "card.yaml", firm.now)
    ada = firm.submit_form(email="ada@example.org")
    firm.settle()
    assert (version, firm.platform(ada)["score"]) == (2, 35)


def test_r68_a_secret_is_never_shown_back_nor_readable_in_the_database(firm: Firm) -> None:
    firm.submit_form(email="ada@example.org")
    firm.settle()
    secrets = [firm.standin.client_secret, *(hook.secret for hook in firm.standin.hooks.values())]
    hook = firm.hook.rpartition("/hooks/")[0]
    told = ""
    for command in (
        ["connections"],
        ["connections", "--json"],
        ["connections", "test", "mautic", "--public-url", hook],
        ["check"],
    ):
        environ = {"MATURO_CONFIG": os.devnull}
        result = CliRunner(env=environ).invoke(main, ["--data", str(firm.data), *command])
        assert result.exit_code in (0, 1), result.output
        told += result.output
    assert "mautic" in told
    stored = (firm.data / "main.db").read_bytes() + (firm.data / "main.db-wal").read_bytes()
    for secret in secrets:
        assert secret not in told
        assert secret.encode() not in stored


def test_r68_the_wrong_key_is_said_where_a_supervisor_looks(firm: Firm) -> None:
    options = {"data": str(firm.data), "key": "A" * 43 + "="}
    app = create_app(load_config({"MATURO_CONFIG": os.devnull}, options)).test_client()
    answer = app.get("/readyz")
    assert answer.status_code == 503
    assert "does not open with this key" in json.dumps(answer.json)


def test_r69_a_deleted_contact_leaves_no_personal_data_but_the_proof(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = firm.submit_form(email="ada.unique@example.org", firstname="Adaunique")
    firm.settle()
    delete_contact(firm.standin, ada)
    firm.settle()
    with firm.runtime.engine.begin() as connection:
        everything = "".join(
            repr(row)
            for table in metadata.sorted_tables
            for row in connection.execute(table.select())
        )
        proofs = connection.execute(metadata.tables["erasures"].select()).all()
    assert "unique" not in everything
    assert len(proofs) == 1


def test_r69_a_merge_has_both_histories_once(firm: Firm) -> None:
    firm.scorecard(CARD)
    ada = firm.submit_form(email="ada@example.org")
    firm.visit("/", ada)
    firm.settle()
    visitor = firm.visit("/")
    firm.wait(minutes=1)
    both = firm.submit_form(visitor, form="Talk form", email="ada@example.org")
    firm.settle()
    assert firm.points(both) == {"visit": 2, "demo": 70}
    assert firm.platform(both)["score"] == 72
    assert len(firm.standin.mails) == 1


def test_p7_calls_are_a_twentieth_of_the_changes(firm: Firm) -> None:
    """200 activities of 20 people here; 10,000 of 1,000 behave alike, batches being bounded."""
    firm.scorecard(CARD)
    people = [firm.submit_form(email=f"p{number}@example.org") for number in range(20)]
    firm.settle()
    before = len(firm.standin.requests)
    for number in range(200):
        firm.visit("/", people[number * 7 % 20])
        if number % 50 == 49:
            while score_some(firm.runtime):
                pass
            firm.sender.send_some()
    firm.settle()
    calls = len(firm.standin.requests) - before
    assert [firm.platform(one)["score"] for one in people] == [45] * 20
    assert calls <= 200 / 20
