from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from connectors.commands import Outcome, UpdateContact
from connectors.errors import AuthFailed, ConnectorError, Refused, Transient
from connectors.mautic.standin.visitors import delete_contact, submit_form, visit
from plugin.check import check
from plugin.sender import Sender
from plugin.services.deliver import FIRST_PAUSE, LONGEST_PAUSE, Apply, pause
from plugin.storage import connections
from plugin.storage.moments import from_us
from tests.installation import Installation, unpaced

pytestmark = pytest.mark.engines


@pytest.fixture
def ada(connected: Installation) -> int:
    contact = submit_form(connected.standin, None, {"email": "ada@example.org"})
    connected.score()
    return contact


def waits(connected: Installation) -> timedelta:
    [row] = connected.rows("deliveries")
    return from_us(row["next_attempt_at"]) - connected.clock()


def test_f04_the_platforms_retry_after_is_kept(connected: Installation, ada: int) -> None:
    connected.standin.faults.refuse(429, retry_after=77, kind="contact")
    with pytest.raises(Transient):
        connected.deliver()
    assert waits(connected) == timedelta(seconds=77)
    connected.clock.forward(seconds=76)
    assert connected.deliver() == 0
    connected.clock.forward(seconds=1)
    assert connected.deliver() == 1
    assert connected.held(ada)["score"] == 20


def test_refused_writes_are_named_with_the_contacts_and_the_reason(
    connected: Installation, ada: int
) -> None:
    connected.standin.faults.refuse(400, kind="contact")
    connected.deliver()
    [found] = [one for one in check(connected.runtime) if one.id == "M006"]
    assert found.detail == f"1 write-backs were refused by the platform: acme/{ada}"
    assert "Mautic refused" in found.remedy


def test_f04_pages_instead_of_json_are_tried_again_and_the_pause_grows(
    connected: Installation, ada: int
) -> None:
    seen = []
    for _ in range(4):
        connected.standin.faults.refuse(500, kind="contact")
        with pytest.raises(Transient):
            connected.deliver()
        seen.append(waits(connected).total_seconds())
        connected.clock.forward(seconds=seen[-1])
    assert seen == [1.0, 2.0, 4.0, 8.0]
    assert connected.deliver() == 1
    assert connected.rows("deliveries") == []


def test_f04_a_write_whose_answer_was_lost_is_repeated_and_does_no_harm(
    connected: Installation, ada: int
) -> None:
    connected.standin.faults.drop(kind="contact")
    with pytest.raises(Transient):
        connected.deliver()
    assert connected.held(ada)["score"] == 20
    connected.clock.forward(seconds=2)
    assert connected.deliver() == 1
    assert connected.held(ada)["tags"] == ["band-warm"]


def test_f04_a_refused_write_is_kept_to_be_shown_and_newer_values_try_again(
    connected: Installation, ada: int
) -> None:
    assert connected.deliver(failing(Refused("field maturo_score does not exist"))) == 0
    [row] = connected.rows("deliveries")
    assert (row["state"], row["last_error"]) == ("refused", "field maturo_score does not exist")
    connected.clock.forward(days=1)
    assert connected.deliver() == 0
    visit(connected.standin, ada, "https://shop.example/")
    connected.score()
    assert connected.deliver() == 1
    assert connected.held(ada)["score"] == 25


def test_f04_one_refusal_does_not_cost_the_others(connected: Installation, ada: int) -> None:
    bob = submit_form(connected.standin, None, {"email": "bob@example.org"})
    connected.score()

    def apply(commands: Sequence[UpdateContact]) -> list[Outcome]:
        refused = [Outcome(c, error=Refused("no")) for c in commands if c.contact == str(ada)]
        return refused + connected.session.apply([c for c in commands if c.contact != str(ada)])

    assert connected.deliver(apply) == 1
    assert connected.held(bob)["score"] == 20
    assert [row["state"] for row in connected.rows("deliveries")] == ["refused"]


def test_f04_without_accepted_credentials_everything_waits_until_connected_again(
    connected: Installation, ada: int
) -> None:
    sender = Sender(connected.runtime, lambda: 0.0, unpaced())
    connected.standin.denied = {"contacts:edit"}
    sender.send_some()
    assert connected.source.state == connections.NEEDS_AUTHENTICATION
    asked = len(connected.standin.requests)
    assert sender.send_some() == 0
    assert len(connected.standin.requests) == asked
    connected.standin.denied = set()
    connected.connect()
    assert sender.send_some() == 1
    assert connected.held(ada)["score"] == 20
    sender.close()


def test_f04_after_a_failure_of_the_platform_the_sender_leaves_it_in_peace(
    connected: Installation, ada: int
) -> None:
    sender = Sender(connected.runtime, lambda: 0.0, unpaced())
    connected.standin.faults.refuse(429, retry_after=60, kind="contact")
    sender.send_some()
    asked = len(connected.standin.requests)
    submit_form(connected.standin, None, {"email": "bob@example.org"})
    connected.score()
    assert sender.send_some() == 0
    assert len(connected.standin.requests) == asked, "bob's write must wait as well"
    connected.clock.forward(seconds=60)
    assert sender.send_some() == 3  # both writes, then a question about the form
    sender.close()


def test_f04_a_contact_that_seems_missing_and_is_there_is_written_later(
    connected: Installation, ada: int
) -> None:
    connected.standin.faults.refuse(404, kind="contact")
    connected.deliver()
    assert connected.settle() == 1
    [row] = connected.rows("contacts")
    assert row["state"] == "active"
    connected.clock.forward(seconds=4)
    assert connected.deliver() == 1
    assert connected.held(ada)["score"] == 20


def test_a_contact_that_is_gone_is_forgotten(connected: Installation, ada: int) -> None:
    delete_contact(connected.standin, ada)
    connected.deliver()
    connected.settle()
    assert (connected.rows("deliveries"), connected.rows("contacts")) == ([], [])


@pytest.mark.parametrize(
    ("attempts", "asked", "jitter", "seconds"),
    [
        (0, None, 1.0, FIRST_PAUSE),
        (0, None, 0.0, FIRST_PAUSE / 2),
        (3, None, 1.0, 16.0),
        (3, 5.0, 1.0, 16.0),
        (0, 5.0, 1.0, 5.0),
        (10**9, None, 1.0, LONGEST_PAUSE),
        (0, 1e9, 1.0, 86_400.0),
    ],
)
def test_pauses(attempts: int, asked: float | None, jitter: float, seconds: float) -> None:
    assert pause(attempts, asked, lambda: jitter) == timedelta(seconds=seconds)


def test_an_exception_for_all_is_noted_for_all(connected: Installation, ada: int) -> None:
    def apply(_: list[UpdateContact]) -> list[Outcome]:
        raise AuthFailed("no token")

    assert connected.deliver(apply) == 0
    [row] = connected.rows("deliveries")
    assert (row["state"], row["last_error"]) == ("pending", "no token")
    assert connected.source.state == connections.NEEDS_AUTHENTICATION


def failing(error: ConnectorError) -> Apply:
    return lambda commands: [Outcome(command, error=error) for command in commands]
