from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import OperationalError

from connectors.contract import Connector
from connectors.mautic.standin.visitors import submit_form, visit
from plugin.services import replay_dead as replaying
from plugin.services import score as module
from plugin.services.plan_actions import score_contacts
from plugin.services.replay_dead import Replayed, replay_dead
from plugin.services.score import UnknownConnector, score_batch
from plugin.storage import dead_letters, histories
from plugin.storage.engine import for_reading
from plugin.storage.tables import contacts
from tests.installation import Installation, broken_body

Poison = Callable[[Exception], int]

pytestmark = pytest.mark.engines


@pytest.fixture
def poisoned(connected: Installation, monkeypatch: pytest.MonkeyPatch) -> Poison:
    """Five contacts wait; scoring the third raises."""

    def poison(error: Exception) -> int:
        people = [submit_form(connected.standin, None, {"email": f"{n}@x.org"}) for n in range(5)]

        def breaks(connection: Connection, *given: Any) -> None:
            score_contacts(connection, *given)
            everybody = connection.execute(select(contacts.c.id)).scalars().all()
            if "2@x.org" in repr(histories.read_facts(connection, everybody)):
                raise error

        monkeypatch.setattr(module, "score_contacts", breaks)
        return people[2]

    return poison


@pytest.mark.parametrize("error", [KeyError("2@x.org"), ValueError("2@x.org"), RuntimeError()])
def test_f10_only_what_breaks_the_scoring_is_set_aside(
    connected: Installation, poisoned: Poison, error: Exception
) -> None:
    bad = poisoned(error)
    received = connected.score()
    letters = unresolved(connected)
    assert 0 < len(letters) < received
    assert {letter.reason.split(";")[0] for letter in letters} == {
        f"scoring failed: {type(error).__name__}"
    }
    assert connected.stored(bad) is None
    assert len(connected.rows("scores")) == 4


def test_f10_a_dead_letter_is_scored_when_the_fault_was_mended(
    connected: Installation,
    poisoned: Poison,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad = poisoned(KeyError("x"))
    connected.score()
    letters = unresolved(connected)
    monkeypatch.setattr(module, "score_contacts", score_contacts)
    assert replay(connected) == Replayed(len(letters), 0)
    assert connected.points(bad) == 20
    assert unresolved(connected) == []
    assert replay(connected) == Replayed(0, 0)


def test_a_receipt_that_still_breaks_remains_and_others_are_replayed(
    connected: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected.receive([broken_body()])
    connected.score()
    monkeypatch.setattr(replaying, "score_contacts", lambda *_: 1 / 0)
    assert replay(connected) == Replayed(0, 1)
    assert len(unresolved(connected)) == 1


def test_an_item_that_cannot_be_read_is_kept_and_stays_until_it_can(
    connected: Installation,
) -> None:
    visit(connected.standin, None, "https://shop.example/")
    connected.receive([broken_body(), b"not json"])
    connected.score()
    assert [(one.event, one.item) for one in unresolved(connected)] == [("page_on_hit", 0), ("", 0)]
    assert replay(connected) == Replayed(0, 2)
    assert len(connected.rows("scores")) == 1


def test_f10_a_replay_counts_nothing_twice(connected: Installation) -> None:
    connected.receive([b'{"mautic.page_on_hit":[{}],"mautic.sms_on_send":[{}]}'])
    connected.score()
    replay(connected)
    assert connected.tally("sms_on_send") == 1


def test_a_database_that_refuses_is_no_fault_of_a_receipt(
    connected: Installation, poisoned: Poison
) -> None:
    poisoned(OperationalError("", {}, Exception("disk full")))
    with pytest.raises(OperationalError):
        connected.score()
    assert unresolved(connected) == []


def test_receipts_of_a_connector_that_is_not_installed_wait(connected: Installation) -> None:
    visit(connected.standin, None, "https://shop.example/")
    connected.receive(connected.take_deliveries())

    def connectors(connector_id: str) -> Connector:
        raise LookupError(f'no connector "{connector_id}"')

    runtime = connected.runtime
    with pytest.raises(UnknownConnector, match='acme: no connector "mautic"'):
        score_batch(runtime.inbox, runtime.engine, runtime.vault, connectors, 9, connected.clock())
    assert unresolved(connected) == []
    assert connected.score() == 1


def unresolved(connected: Installation) -> list[dead_letters.DeadLetter]:
    with for_reading(connected.engine).begin() as connection:
        return dead_letters.unresolved(connection)


def replay(connected: Installation) -> Replayed:
    runtime = connected.runtime
    return replay_dead(
        runtime.inbox,
        runtime.engine,
        runtime.vault,
        runtime.manifest.connector,
        unresolved(connected),
        connected.clock(),
    )
