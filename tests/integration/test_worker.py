"""The worker's loop with its sender thread, stopped when the work is done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from connectors.contract import Session
from connectors.mautic.standin.visitors import delete_contact, submit_form, visit
from plugin import worker
from plugin.runtime import Runtime
from plugin.sender import Sender
from plugin.services.score import score_batch
from plugin.storage import connections
from plugin.storage.vault import Vault, VaultError
from plugin.worker import run_worker, score_some
from tests.contract.storage_kit import new_connection
from tests.installation import CARD, Installation, unpaced


def work_until(connected: Installation, done: Callable[[], bool]) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(connected.runtime, stop))
    thread.start()
    try:
        for _ in range(400):
            if done() or not thread.is_alive():
                break
            stop.wait(0.025)
    finally:
        stop.set()
        thread.join()
    assert done()


def test_receipts_become_scores_in_the_platform(connected: Installation) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.receive(connected.take_deliveries())
    work_until(connected, lambda: connected.held(ada).get("score") == 20)


def test_a_passing_refusal_of_the_database_is_survived(
    connected: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "REST", 0.01)
    refusals = [OperationalError("", {}, Exception("disk full"))]

    def refuse_once(*given: Any) -> int:
        if refusals:
            raise refusals.pop()
        return score_batch(*given)

    monkeypatch.setattr(worker, "score_batch", refuse_once)
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.receive(connected.take_deliveries())
    work_until(connected, lambda: connected.held(ada).get("score") == 20)


def test_the_sender_lives_on_after_a_fault_of_its_own(
    connected: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "REST", 0.01)
    faults = [RuntimeError("a fault")]
    send_some = Sender.send_some

    def fail_once(self: Sender) -> int:
        if faults:
            raise faults.pop()
        return send_some(self)

    monkeypatch.setattr(Sender, "send_some", fail_once)
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    work_until(connected, lambda: connected.held(ada).get("score") == 20)


def test_contacts_of_an_older_scorecard_are_caught_up_with_under_a_steady_stream(
    connected: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    bob = submit_form(connected.standin, None, {"email": "bob@example.org"})
    connected.score()
    connected.publish(CARD.replace("points: 20", "points: 25"))
    stop, rounds = threading.Event(), 0

    def fed(runtime: Runtime) -> int:
        nonlocal rounds
        rounds += 1
        visit(connected.standin, bob, "https://shop.example/")
        connected.receive(connected.take_deliveries())
        done = score_some(runtime)
        assert done > 0
        if rounds == 5 or connected.points(ada) == 25:
            stop.set()
        return done

    monkeypatch.setattr(worker, "score_some", fed)
    run_worker(connected.runtime, stop)
    assert (connected.points(ada), rounds) == (25, 2)


def test_a_worker_with_the_wrong_key_ends_with_words(connected: Installation) -> None:
    with connected.engine.begin() as connection:
        foreign = Vault(Fernet.generate_key().decode())
        connections.save(connection, foreign, new_connection("third"), connected.clock())
    connected.receive([b"{}"])
    with pytest.raises(VaultError, match="MATURO_KEY"):
        run_worker(connected.runtime, threading.Event())


def test_one_platform_that_fails_does_not_cost_the_others(connected: Installation) -> None:
    with connected.engine.begin() as connection:
        vault = connected.runtime.vault
        settings = {"base_url": "http://127.0.0.1:9", "field_prefix": "maturo_"}
        secrets = {"user": "u", "password": "p"}
        broken = new_connection("aaa", settings=settings, secrets=secrets)
        connections.save(connection, vault, broken, connected.clock())
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    lost = submit_form(connected.standin, None, {"email": "bob@example.org"})
    bodies = connected.take_deliveries()
    connected.receive(bodies)
    connected.receive(bodies, "aaa")
    connected.score()
    sender = Sender(connected.runtime, lambda: 0.0, unpaced())
    assert sender.send_some() == 3  # two scores, and a question about the form
    assert connected.held(ada)["score"] == connected.held(lost)["score"] == 20
    assert len(connected.rows("deliveries")) == 2
    sender.close()


def test_a_question_without_accepted_credentials_stops_the_connection(
    connected: Installation,
) -> None:
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    delete_contact(connected.standin, ada)
    connected.score()
    connected.standin.faults.refuse(401, times=2, kind="contact")
    sender = Sender(connected.runtime, lambda: 0.0, unpaced())
    assert sender.send_some() == 0
    assert connected.source.state == connections.NEEDS_AUTHENTICATION
    connected.connect()
    assert sender.send_some() == 2  # questions about the contact and about the form
    assert connected.rows("contacts") == []
    sender.close()


def test_a_fault_at_one_platform_does_not_cost_the_others_and_shows_no_words(
    connected: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = new_connection("aaa", settings=connected.source.settings)
    with connected.engine.begin() as connection:
        vault = connected.runtime.vault
        connections.save(connection, vault, broken, connected.clock())
    ada = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    opened = connected.connector.open
    faulty = [True]

    def open_(settings: Any, **given: Any) -> Session:
        if faulty:
            faulty.pop()
            raise KeyError("ada@example.org")
        return opened(settings, **given)

    monkeypatch.setattr(type(connected.connector), "open", staticmethod(open_))
    sender = Sender(connected.runtime, lambda: 0.0, unpaced())
    with capture_logs() as logs:
        assert sender.send_some() == 2
    assert connected.held(ada)["score"] == 20
    [line] = logs
    assert (line["event"], line["connection"], line["kind"]) == (
        "sending_failed",
        "aaa",
        "KeyError",
    )
    assert line["frames"][-1].endswith(" open_")
    assert "ada" not in str(line)
    sender.close()


def test_scores_wait_for_few_of_many_calls(connected: Installation) -> None:
    told = CARD.replace("tag: band-warm}", "tag: band-warm, on_rise: [{call: {within: 1d}}]}")
    assert told != CARD
    connected.publish(told)
    for one in range(12):
        submit_form(connected.standin, None, {"email": f"contact{one}@example.org"})
    connected.score()
    sender = Sender(connected.runtime, lambda: 0.0, unpaced())
    sender.send_some()
    assert len(connected.standin.notes) == 5
    late = submit_form(connected.standin, None, {"email": "late@example.org"})
    connected.score()
    sender.send_some()
    assert len(connected.standin.notes) == 10
    assert connected.held(late)["score"] == 20
    sender.close()
