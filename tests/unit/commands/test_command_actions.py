"""``maturo actions``, M008 of ``maturo check``, and what a platform cannot do."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from command_kit import NOW, done, refused, run, runtime_of, scored
from sqlalchemy import update

from connectors.mautic import CONNECTOR
from plugin.storage import plans, tables
from plugin.storage.actions import REFUSED, WAITING
from plugin.storage.plans import NewAction, Occasion

CARD = """name: X
groups:
  - id: g
    dimension: fit
    rules: [{id: r, kind: field, points: 1, if: {field: phone, present: true}}]
bands:
  - {id: low}
  - {id: high, enter: 9, on_rise: [{set_stage: 1}, {send_email: 1}]}
"""


@pytest.fixture
def acted(tmp_path: Path) -> Path:
    """A data folder with an action that was refused."""
    data = scored(tmp_path / "data")
    with runtime_of(data) as runtime, runtime.engine.begin() as connection:
        occasion = Occasion(1, "rise:high", 5)
        new = NewAction(occasion, 0, "send_email", "7", timedelta(), WAITING, NOW)
        plans.plan(connection, [new], NOW)
        told = {"state": REFUSED, "last_error": "the contact \x1b[31mhas unsubscribed"}
        connection.execute(update(tables.actions).values(told))
    return data


def test_actions_are_shown_with_what_became_of_them(acted: Path) -> None:
    shown = done("--data", acted, "actions")
    assert "send_email 7" in shown
    assert "\x1b" not in shown
    assert "rise:high" in shown
    [told] = json.loads(done("--data", acted, "actions", "--state", "refused", "--json"))
    assert (told["name"], told["object"], told["state"]) == ("send_email", "7", "refused")
    assert json.loads(done("--data", acted, "actions", "--state", "done", "--json")) == []


def test_check_names_actions_that_were_refused(acted: Path) -> None:
    result = run("--data", acted, "check", "--json")
    found = {one["id"]: one for one in json.loads(result.stdout)}
    assert found["M008"]["ok"] is False
    assert found["M008"]["detail"].startswith("1 actions were refused, of 0 nobody knows")


def test_what_a_platform_cannot_do_is_told_before_publishing(
    acted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "card.yaml"
    card.write_text(CARD)
    validate = ("--data", acted, "scorecard", "validate", card, "--connection")
    assert "no mistake" in done(*validate, "mautic")
    assert 'no connection "mauticc"' in refused(*validate, "mauticc")
    able = [name for name in CONNECTOR.manifest["actions"] if name != "set_stage"]
    monkeypatch.setitem(CONNECTOR.manifest, "actions", able)
    assert "connection mautic (mautic) cannot do set_stage" in refused(*validate, "mautic")
    published = run("--data", acted, "scorecard", "publish", card)
    assert published.exit_code == 0
    assert "cannot do set_stage" in published.stderr
