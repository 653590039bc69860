"""Who vanished from the platform without a word: found in turn, and asked about one by one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import pytest

from connectors.errors import Transient
from connectors.mautic.standin.visitors import delete_contact, submit_form, visit
from plugin.services import find_removals as service
from plugin.services.find_removals import (
    Asked,
    Emptied,
    begin_round,
    find_removals,
    find_removals_due,
)
from plugin.services.platform_checks import platform_checks
from plugin.storage import inquiries
from tests.installation import Installation

pytestmark = pytest.mark.engines


def find(at: Installation) -> Asked:
    return find_removals(at.engine, at.source, at.session.gone, at.clock)


def find_due(at: Installation) -> Asked | None:
    return find_removals_due(at.engine, at.source, at.session.gone, at.clock, lambda: 0.0)


def unheard(at: Installation) -> None:
    """What the platform would have told is lost."""
    at.take_deliveries()


@pytest.fixture
def crowd(connected: Installation) -> list[int]:
    """Five contacts, known to us; the last one is a visitor."""
    made = [
        submit_form(connected.standin, None, {"email": f"p{number}@example.org"})
        for number in range(4)
    ]
    made.append(visit(connected.standin, None, "https://shop.example/"))
    connected.score()
    return made


def test_a_contact_whose_deletion_nobody_told_is_erased(
    connected: Installation, crowd: list[int]
) -> None:
    delete_contact(connected.standin, crowd[0])
    unheard(connected)
    assert find(connected) == Asked(contacts=5, gone=1, over=True)
    assert connected.settle() == 1
    assert connected.stored(crowd[0]) is None
    assert connected.points(crowd[1]) > 0


def test_a_visitor_whose_merge_nobody_told_gives_his_history_to_the_older_contact(
    connected: Installation, crowd: list[int]
) -> None:
    """As in Mautic 4.4."""
    before = connected.points(crowd[1])
    with connected.standin.lock:
        connected.standin.merge(crowd[-1], connected.standin.contacts[crowd[1]])
    find(connected)
    connected.settle()
    assert connected.points(crowd[-1]) == connected.points(crowd[1]) == before + 5


def test_while_everybody_is_there_nothing_is_asked_and_visitors_count_as_there(
    connected: Installation, crowd: list[int]
) -> None:
    assert find(connected) == Asked(contacts=5, gone=0, over=True)
    assert connected.rows("inquiries") == []


def test_who_is_being_asked_about_is_not_asked_about_again(
    connected: Installation, crowd: list[int]
) -> None:
    delete_contact(connected.standin, crowd[0])
    find(connected)
    assert find(connected) == Asked(contacts=4, gone=0, over=True)
    assert len(connected.rows("inquiries")) == 1


def test_a_round_goes_in_steps_of_a_minute_and_rests_for_an_hour(
    connected: Installation, crowd: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_STEP", 2)
    asked = []
    for _ in range(3):
        asked.append(find_due(connected))
        assert find_due(connected) is None
        connected.clock.forward(minutes=1)
    assert asked == [Asked(2, 0, False), Asked(2, 0, False), Asked(1, 0, True)]
    assert find_due(connected) is None
    connected.clock.forward(minutes=59)
    assert find_due(connected) == Asked(2, 0, False)


def test_a_new_round_begins_with_the_first_contacts(
    connected: Installation, crowd: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_STEP", 2)
    find(connected)
    delete_contact(connected.standin, crowd[0])
    assert find(connected).gone == 0
    begin_round(connected.engine, connected.source, connected.clock())
    assert find(connected).gone == 1


def test_a_platform_that_fails_is_asked_again_later_about_the_same_ones(
    connected: Installation, crowd: list[int]
) -> None:
    delete_contact(connected.standin, crowd[0])
    find(connected)
    connected.settle()
    delete_contact(connected.standin, crowd[1])
    connected.clock.forward(hours=1)
    connected.standin.faults.refuse(503, kind="contacts")
    with pytest.raises(Transient):
        find_due(connected)
    assert find_due(connected) is None
    connected.clock.forward(minutes=1)
    assert find_due(connected) == Asked(4, 1, True)


def test_questions_and_the_place_reached_are_kept_together_or_not_at_all(
    connected: Installation, crowd: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    find(connected)
    delete_contact(connected.standin, crowd[0])
    before = place(connected)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(inquiries, "ask", killed)
        with pytest.raises(KeyboardInterrupt):
            find(connected)
    assert (place(connected), connected.rows("inquiries")) == (before, [])
    assert find(connected).gone == 1


def test_who_was_erased_or_merged_while_the_platform_was_asked_is_no_longer_asked_about(
    connected: Installation, crowd: list[int]
) -> None:
    standin = connected.standin
    delete_contact(standin, crowd[0])
    with standin.lock:
        standin.merge(crowd[1], standin.contacts[crowd[2]])

    def overtaken(asked: Sequence[str]) -> Collection[str]:
        gone = connected.session.gone(asked)
        connected.receive([removal(connected, one) for one in crowd[:2]])
        connected.score()
        assert connected.settle() == 2
        return gone

    find_removals(connected.engine, connected.source, overtaken, connected.clock)
    connected.settle()
    assert connected.stored(crowd[0]) is None
    assert connected.points(crowd[1]) == connected.points(crowd[2])
    assert connected.rows("inquiries") == []


def test_a_platform_that_was_emptied_costs_nobody_a_score_until_a_person_says_so(
    connected: Installation,
) -> None:
    people = [
        submit_form(connected.standin, None, {"email": f"p{number}@example.org"})
        for number in range(30)
    ]
    connected.score()
    for one in people[:25]:
        delete_contact(connected.standin, one)
    unheard(connected)
    for _ in range(3):
        with pytest.raises(Emptied, match=r"25 of 30 contacts are gone at once.*reconcile acme"):
            find_due(connected)
        connected.clock.forward(minutes=1)
    assert connected.rows("inquiries") == []
    told = [one for one in platform_checks(connected.engine, connected.clock()) if not one.ok]
    assert ["25 of 30" in one.detail for one in told] == [True]
    assert find(connected).gone == 25
    assert all(one.ok for one in platform_checks(connected.engine, connected.clock()))
    assert len(connected.rows("inquiries")) == 25


def place(at: Installation) -> dict[str, Any]:
    [row] = [row for row in at.rows("positions") if row["purpose"] == "removals"]
    return row


def removal(connected: Installation, contact: int) -> bytes:
    moment = connected.standin.now()
    text = '{"mautic.lead_post_delete":[{"id":%d,"contact":{"id":null},"timestamp":"%s"}]}'
    return (text % (contact, moment)).encode()
