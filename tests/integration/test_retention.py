"""Receipts and dead letters do not stay for ever, and limits are told before they are reached."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from structlog.testing import capture_logs

from connectors.mautic.standin.visitors import submit_form, visit
from plugin.housekeeper import Housekeeper
from plugin.services.retain import expire_some
from tests.installation import Installation, broken_body

pytestmark = pytest.mark.engines


def expired(connected: Installation, limit: int = 1_000) -> int:
    runtime = connected.runtime
    return expire_some(runtime.inbox, runtime.engine, 30, limit, connected.clock())


def left(connected: Installation) -> list[int]:
    return [one.id for one in connected.runtime.inbox.read(0, 10_000)]


def test_scored_receipts_go_after_their_days_and_the_score_stays(connected: Installation) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    before = left(connected)
    connected.clock.forward(days=29)
    visit(connected.standin, ada, "https://shop.example/")
    connected.score()
    assert expired(connected) == 0
    connected.clock.forward(days=1, seconds=1)
    assert expired(connected) == len(before) > 0
    assert left(connected)
    assert not {*left(connected)} & {*before}
    assert connected.points(ada) == 25


def test_what_waits_is_never_deleted_however_old(connected: Installation) -> None:
    connected.receive([broken_body()])
    connected.score()
    connected.receive([b"{}", b"[]"])
    connected.clock.forward(days=400)
    assert expired(connected) == 1
    assert len(left(connected)) == 2
    with connected.engine.begin() as connection:
        assert connected.runtime.inbox.waiting(connection, 10) == 2
        oldest = connected.runtime.inbox.oldest(connection)
    assert oldest is not None
    assert (connected.clock() - oldest).days == 400
    assert connected.score() == 2


def test_a_receipt_after_everything_was_deleted_is_not_skipped(connected: Installation) -> None:
    connected.receive([b"{}"] * 3)
    connected.score()
    connected.clock.forward(days=31)
    assert expired(connected) == 3
    connected.receive([b"{}"])
    assert connected.score() == 1


def test_they_go_in_small_steps(connected: Installation) -> None:
    connected.receive([b"{}"] * 5)
    connected.score()
    connected.clock.forward(days=31)
    assert [expired(connected, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_dead_letters_of_that_age_go_as_well_and_the_log_says_so(connected: Installation) -> None:
    connected.receive([broken_body()])
    connected.score()
    connected.clock.forward(days=20)
    connected.receive([broken_body()])
    connected.score()
    connected.clock.forward(days=11)
    with capture_logs() as logs:
        expired(connected)
    assert len(connected.rows("dead_letters")) == 1
    assert [(one["event"], one["letters"]) for one in logs] == [("dead_letters_expired", 1)]


def test_a_disk_that_fills_up_is_told_in_the_log_now_and_then(
    connected: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10**9, total=10**12))
    house = Housekeeper(connected.runtime)
    with capture_logs() as logs:
        for _ in range(4):
            house.keep_house()
            connected.clock.forward(minutes=5)
    shared = bool(connected.runtime.config.database_url)
    assert [one["event"] for one in logs] == ([] if shared else ["disk_nearly_full"] * 2)
