"""The poller over all connections: each for itself, and at rest where a platform fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from connectors.contract import Check, HistoryPage
from connectors.errors import AuthFailed, Transient, Unsupported
from connectors.mautic.standin.visitors import submit_form
from plugin.check import check
from plugin.lines import Limiter, Limiters
from plugin.poller import Poller
from plugin.sender import Sender
from plugin.services.backfill import begin_backfill, order_backfill, standing
from plugin.storage import connections
from plugin.storage.positions import RECONCILE, REMOVALS
from plugin.storage.vault import Vault
from plugin.web import create_app
from tests.contract.storage_kit import new_connection
from tests.installation import Installation, unpaced
from tests.past_kit import Records, seen


class Counter(Limiter):
    """Lets nobody wait."""

    spent = 0

    def wait(self) -> None:
        self.spent += 1


@pytest.fixture
def records(connected: Installation, monkeypatch: pytest.MonkeyPatch) -> Records:
    """What every session tells, instead of what the stand-in would."""
    records = Records(known={"7": {"email": "ada@example.org"}})
    session = type(connected.session)
    for name in ("history", "present_cursors", "profiles", "gone"):
        asked = getattr(records, name)
        monkeypatch.setattr(session, name, lambda _, *given, asked=asked: asked(*given))
    return records


@pytest.fixture
def poller(connected: Installation) -> Iterator[Poller]:
    poller = Poller(connected.runtime, lambda: 0.0, unpaced())
    yield poller
    poller.close()


def read(connected: Installation, purpose: str = RECONCILE) -> list[dict[str, Any]]:
    """How far the connections were read."""
    return [row for row in connected.rows("positions") if row["purpose"] == purpose]


def test_what_the_platform_recorded_is_scored(
    connected: Installation, records: Records, poller: Poller
) -> None:
    assert poller.poll_some() == 0
    records.items.append(seen("7"))
    assert poller.poll_some() == 0, "the next look is due in a minute"
    connected.clock.forward(minutes=1)
    assert poller.poll_some() == 1
    assert connected.points(7) == 5


def test_an_ordered_back_fill_is_read_page_by_page_beside_what_is_new(
    connected: Installation, records: Records, poller: Poller
) -> None:
    records.items += [seen("7", minute=minute) for minute in range(3)]
    assert poller.poll_some() == 0, "reconciliation begins behind what is there"
    order_backfill(connected.engine, connected.source, None, connected.clock(), "ada")
    assert poller.poll_some() == 3
    assert connected.points(7) == 15
    found = standing(connected.engine, connected.source)
    assert found is not None
    assert (found.rows, found.caught_up_at) == (3, connected.clock())
    connected.clock.forward(minutes=1)
    assert poller.poll_some() == 0


def test_a_back_fill_since_a_day_leaves_out_what_happened_before(
    connected: Installation, records: Records, poller: Poller
) -> None:
    records.items += [seen("7", minute=minute) for minute in range(3)]
    since = records.items[1].occurred_at  # type: ignore[union-attr]
    poller.poll_some()
    order_backfill(connected.engine, connected.source, since, connected.clock(), "ada")
    assert poller.poll_some() == 3
    assert connected.points(7) == 10


def test_a_connection_that_is_not_polled_is_back_filled_all_the_same(
    connected: Installation, records: Records, poller: Poller
) -> None:
    connected.connect(mode=connections.WEBHOOK)
    records.items.append(seen("7"))
    order_backfill(connected.engine, connected.source, None, connected.clock(), "ada")
    assert poller.poll_some() == 1
    assert connected.points(7) == 5


def test_a_back_fill_that_a_command_left_is_read_on_by_the_worker(
    connected: Installation, records: Records, poller: Poller
) -> None:
    records.items.append(seen("7"))
    poller.poll_some()
    begin_backfill(connected.engine, connected.source, records, connected.clock())
    assert poller.poll_some() == 1


def test_polling_and_writing_back_share_a_budget_that_counts_every_request(
    connected: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget, counter = Limiters(), Counter(5)
    monkeypatch.setattr(budget, "of", lambda source, per_second: counter)
    poller = Poller(connected.runtime, lambda: 0.0, budget)
    sender = Sender(connected.runtime, lambda: 0.0, budget)
    submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    before = len(connected.standin.requests)
    poller.poll_some()
    polled = len(connected.standin.requests)
    assert sender.send_some()
    poller.close()
    sender.close()
    assert polled - before > 10
    assert counter.spent == len(connected.standin.requests) - before


def test_who_vanished_from_the_platform_without_a_word_is_asked_about(
    connected: Installation, records: Records, poller: Poller
) -> None:
    poller.poll_some()
    records.items.append(seen("7"))
    connected.clock.forward(minutes=1)
    poller.poll_some()
    assert connected.points(7) == 5
    del records.known["7"]
    connected.clock.forward(hours=1)
    poller.poll_some()
    assert connected.settle() == 1
    assert connected.rows("contacts") == []


def test_a_platform_that_cannot_say_who_is_gone_is_polled_all_the_same(
    connected: Installation, records: Records, poller: Poller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: Any) -> frozenset[str]:
        raise Unsupported("who is gone")

    monkeypatch.setattr(type(connected.session), "gone", unsupported)
    poller.poll_some()
    records.items.append(seen("7"))
    for _ in range(3):
        connected.clock.forward(hours=1)
        poller.poll_some()
    assert connected.points(7) == 5
    [position] = read(connected, REMOVALS)
    assert position["attempts"] > 0


def test_a_connection_by_webhook_alone_is_not_polled(
    connected: Installation, records: Records, poller: Poller
) -> None:
    connected.connect(mode=connections.WEBHOOK)
    poller.poll_some()
    assert read(connected) == []


def test_a_platform_that_fails_rests_and_costs_the_others_nothing(
    connected: Installation, records: Records, poller: Poller
) -> None:
    with connected.engine.begin() as connection:
        vault: Vault = connected.runtime.vault
        first = new_connection("aaa", settings=connected.source.settings)
        connections.save(connection, vault, first, connected.clock())
    records.fails = Transient("the platform is down")
    with capture_logs() as logs:
        poller.poll_some()
        poller.poll_some()
    assert [(line["event"], line["connection"]) for line in logs] == [("platform_not_read", "aaa")]
    [position] = read(connected)
    assert position["connection_id"] == connected.source.id


def test_refused_credentials_stop_the_connection_until_it_is_connected_again(
    connected: Installation, records: Records, poller: Poller
) -> None:
    records.fails = AuthFailed("not accepted", status=401)
    poller.poll_some()
    assert connected.source.state == connections.NEEDS_AUTHENTICATION
    poller.poll_some()
    assert read(connected) == []
    connected.connect()
    connected.clock.forward(minutes=1)
    poller.poll_some()
    assert len(read(connected)) == 1


def test_a_fault_of_ours_is_logged_without_its_words(
    connected: Installation, records: Records, poller: Poller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: Any) -> HistoryPage:
        raise KeyError("ada@example.org")

    monkeypatch.setattr(type(connected.session), "history", fault)
    with capture_logs() as logs:
        poller.poll_some()
    [line] = logs
    assert (line["event"], line["kind"]) == ("polling_failed", "KeyError")
    assert "ada@" not in repr(logs)
    [position] = read(connected)
    assert (position["attempts"], position["last_error"]) == (1, "KeyError")


def test_a_platform_without_records_is_left_alone_for_long(
    connected: Installation, records: Records, poller: Poller
) -> None:
    records.fails = Unsupported("history")
    poller.poll_some()
    connected.clock.forward(minutes=59)
    poller.poll_some()
    assert read(connected) == []
    connected.clock.forward(minutes=1)
    poller.poll_some()
    assert len(read(connected)) == 1


def test_f09_a_webhook_that_was_switched_off_is_shown_with_what_to_do_and_left_off(
    connected: Installation,
    records: Records,
    poller: Poller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def look(_: Any, url: str) -> Check:
        asked.append(url)
        return Check("webhook", False, "Mautic switched it off", "Publish it.")

    monkeypatch.setattr(type(connected.session), "check_webhook", look)
    with capture_logs() as logs:
        poller.poll_some()
        poller.poll_some()
    assert asked == ["https://maturo.example/hooks/acme"]
    assert [line["event"] for line in logs] == ["webhook_at_fault"]
    [finding] = [one for one in check(connected.runtime) if one.id == "M010"]
    assert not finding.ok
    assert finding.remedy == (
        "Publish it. If the platform switched it off, `maturo connections republish acme` switches "
        "it on again"
    )
    app = create_app(connected.runtime.config, clock=connected.clock).test_client()
    told = app.get("/readyz").json
    assert told is not None
    assert told["ready"]
    assert told["warnings"] == [
        f"the webhook of connection acme: Mautic switched it off: {finding.remedy}"
    ]
    assert b'maturo_webhook_ok{connection="acme"} 0.0' in app.get("/metrics").data
    connected.clock.forward(minutes=15)
    poller.poll_some()
    assert len(asked) == 2


def test_a_webhook_by_which_nothing_comes_although_things_happen_raises_the_alarm(
    connected: Installation, records: Records, poller: Poller
) -> None:
    poller.poll_some()
    for minute in range(20):
        records.items.append(seen("7", day=2, minute=minute))
        connected.clock.forward(minutes=1)
        poller.poll_some()
    [finding] = [one for one in check(connected.runtime) if one.id == "M010"]
    assert not finding.ok
    assert "20 activities since 2026-03-02 09:01:00 UTC came by polling alone" in finding.detail
    submit_form(connected.standin, None, {"email": "bob@example.org"})
    connected.score()
    [finding] = [one for one in check(connected.runtime) if one.id == "M010"]
    assert finding.ok


def test_an_alarm_tells_of_polling_that_fails_for_long(
    connected: Installation, records: Records, poller: Poller
) -> None:
    poller.poll_some()
    for _ in range(3):
        connected.clock.forward(minutes=10)
        records.fails = Transient("the platform is down")
        poller.poll_some()
    [finding] = [one for one in check(connected.runtime) if one.id == "M011"]
    assert finding.detail == "the polling of connection acme fails: the platform is down"
    connected.clock.forward(minutes=10)
    poller.poll_some()
    assert all(one.ok for one in check(connected.runtime) if one.id == "M011")
