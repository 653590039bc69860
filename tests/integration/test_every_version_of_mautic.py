"""What we write arrives in every version of Mautic, whatever its traps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.commands import AddTag, SendEmail, UpdateContact
from connectors.errors import Refused
from connectors.mautic.standin import Running, StandIn, serve
from connectors.mautic.standin.visitors import delete_contact, submit_form
from tests.installation import Clock, Installation

VERSIONS = ("3.0.16-atmt", "4.4.13", "5.0.4", "5.2.1", "6.0.3", "7.1.2", "8.0.0")


@pytest.fixture(params=VERSIONS)
def standin(request: pytest.FixtureRequest, clock: Clock) -> Iterator[Running]:
    with serve(StandIn(clock=clock, queued=True, version=request.param)) as running:
        yield running


def people(connected: Installation, count: int) -> list[int]:
    return [
        submit_form(connected.standin, None, {"email": f"p{number}@example.org"})
        for number in range(count)
    ]


def test_each_contact_holds_its_own_score_and_zeros_come_through(connected: Installation) -> None:
    contacts = people(connected, 3)
    # Two contacts of one stage crash a batch in 4.4; a batch of 3.2 hits the neighbour.
    for contact in contacts:
        connected.standin.contacts[contact].stage = {"id": 1, "name": "Cold"}
    for scores in ((10, 20, 30), (0, 40, 0), (-5, 0, 7)):
        commands = [
            UpdateContact(str(contact), {"score": score, "band": f"band {score}"})
            for contact, score in zip(contacts, scores, strict=True)
        ]
        assert [one.error for one in connected.session.apply(commands)] == [None] * 3
        held = [connected.held(contact) for contact in contacts]
        assert [one["score"] or 0 for one in held] == list(scores)
        assert [one["band"] for one in held] == [f"band {score}" for score in scores]


def test_one_that_is_gone_costs_the_others_nothing(connected: Installation) -> None:
    first, gone, last = people(connected, 3)
    delete_contact(connected.standin, gone)
    outcomes = connected.session.apply(
        [UpdateContact(str(one), {"score": 9}) for one in (first, gone, last)]
    )
    assert [type(one.error).__name__ for one in outcomes] == ["NoneType", "Missing", "NoneType"]
    assert [connected.held(one)["score"] for one in (first, last)] == [9, 9]


def test_who_unsubscribed_gets_no_mail(connected: Installation) -> None:
    ada, bob = people(connected, 2)
    connected.standin.contacts[ada].do_not_contact = [
        {"id": 1, "reason": 1, "comments": "", "channel": "email", "channelId": 1}
    ]
    to_ada, to_bob = connected.session.apply(
        [SendEmail(str(ada), "op-1", "1"), SendEmail(str(bob), "op-2", "1")]
    )
    assert (type(to_ada.error), to_bob.error) == (Refused, None)
    assert [mail.contact for mail in connected.standin.mails] == [bob]


def test_tags_are_added_beside_others(connected: Installation) -> None:
    [ada] = people(connected, 1)
    for tag in ("one", "two"):
        [outcome] = connected.session.apply([AddTag(str(ada), tag, tag)])
        assert outcome.error is None
    assert sorted(connected.standin.contacts[ada].tags) == ["one", "two"]
