from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command_kit import connected, done, refused, run, runtime_of

from connectors.errors import AuthFailed, Transient
from connectors.mautic.session import MauticSession
from plugin.commands import records as records_command
from plugin.storage.tables import activities
from tests.past_kit import Records, seen


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> Records:
    """What the platform of every connection tells."""
    records = Records(*(seen("7", minute=minute) for minute in range(5)))
    for name in ("history", "present_cursors", "profiles", "gone"):
        asked = getattr(records, name)
        monkeypatch.setattr(MauticSession, name, lambda _, *given, asked=asked: asked(*given))
    monkeypatch.setattr(records_command, "pause", lambda *_: records.told_at - records.told_at)
    return records


def stored(data: Path) -> int:
    with runtime_of(data) as runtime, runtime.engine.begin() as connection:
        return len(connection.execute(activities.select()).all())


def test_a_back_fill_says_what_was_new(tmp_path: Path, records: Records) -> None:
    data = connected(tmp_path)
    said = done("--data", data, "backfill", "mautic")
    assert said == "5 rows were read; new in them: 5 page_viewed\n"
    assert stored(data) == 5


def test_a_back_fill_that_ended_is_done_again_only_when_asked(
    tmp_path: Path, records: Records
) -> None:
    data = connected(tmp_path)
    done("--data", data, "backfill", "mautic")
    assert "after 5 rows; --again begins anew" in done("--data", data, "backfill", "mautic")
    said = done("--data", data, "backfill", "mautic", "--again")
    assert said == "5 rows were read, nothing in them was new\n"


def test_ctrl_c_stops_a_back_fill_and_it_goes_on_from_there(
    tmp_path: Path, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = connected(tmp_path)
    history = records.history

    def interrupted(cursors: Any, limit: int) -> Any:
        if cursors:
            raise KeyboardInterrupt
        return history(cursors, limit)

    with monkeypatch.context() as patch:
        patch.setattr(MauticSession, "history", lambda _, *given: interrupted(*given))
        said = refused("--data", data, "backfill", "mautic", MATURO_BATCH="2")
    assert said.startswith("stopped; the worker reads on if it runs")
    assert stored(data) == 2
    assert done("--data", data, "backfill", "mautic").startswith("3 rows were read")


def test_a_platform_that_fails_for_a_moment_is_asked_again(
    tmp_path: Path, records: Records
) -> None:
    data = connected(tmp_path)
    records.fails = Transient("the platform is down")
    result = run("--data", data, "backfill", "mautic")
    assert result.exit_code == 0
    assert result.stderr == "the platform is down; trying again in 0 s\n"
    assert stored(data) == 5


def test_refused_credentials_end_it_with_words(tmp_path: Path, records: Records) -> None:
    data = connected(tmp_path)
    records.fails = AuthFailed("Mautic does not accept our credentials", status=401)
    assert "does not accept" in refused("--data", data, "backfill", "mautic")


def test_a_connection_that_is_not_there_is_said(tmp_path: Path, records: Records) -> None:
    data = connected(tmp_path)
    for name in ("backfill", "reconcile"):
        assert 'there is no connection "other"' in refused("--data", data, name, "other")


def test_reconciliation_says_what_the_webhook_did_not_tell(
    tmp_path: Path, records: Records
) -> None:
    data = connected(tmp_path)
    assert done("--data", data, "reconcile", "mautic") == (
        "0 rows were read, nothing in them was new\n"
    )
    records.items.append(seen("7", "/new"))
    said = json.loads(done("--data", data, "reconcile", "mautic", "--json"))
    assert said == {"connection": "mautic", "rows": 1, "new": {"page_viewed": 1}, "gone": 0}


def test_reconciliation_says_how_many_contacts_are_gone(tmp_path: Path, records: Records) -> None:
    data = connected(tmp_path)
    done("--data", data, "backfill", "mautic")
    said = done("--data", data, "reconcile", "mautic")
    assert said.endswith("1 contacts are gone; the worker asks which were merged\n")
    assert done("--data", data, "reconcile", "mautic").endswith("was new\n"), "asked already"
