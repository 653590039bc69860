from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from connectors.contract import Resolution
from connectors.errors import Refused, Transient
from connectors.mautic.standin.visitors import delete_contact, submit_form, visit
from plugin.services.settle_removals import settle_removals
from plugin.storage import contacts
from tests.installation import Installation

ADA = {"email": "ada@example.org", "phone": "123"}

pytestmark = pytest.mark.engines


def test_a_known_contact_merged_into_a_visitor_keeps_its_history_under_the_new_id(
    connected: Installation,
) -> None:
    old = submit_form(connected.standin, None, ADA)
    connected.score()
    connected.deliver()
    visitor = visit(connected.standin, None, "https://shop.example/")
    new = submit_form(connected.standin, visitor, ADA)
    assert new == visitor != old
    connected.score()
    assert connected.settle() == 1
    write_and_listen(connected)
    assert connected.points(new) == connected.points(old) == 10 + 20 + 5
    assert connected.held(new)["score"] == 35
    assert connected.held(new)["tags"] == ["band-hot"]


def test_who_was_erased_while_the_platform_was_asked_is_left_alone(
    connected: Installation,
) -> None:
    ada = submit_form(connected.standin, None, ADA)
    connected.score()
    connected.receive([removal(connected, ada)])
    connected.score()

    def meanwhile(contact: str) -> Resolution:
        with connected.engine.begin() as connection:
            found = contacts.find(connection, connected.source.id, contact)
            assert found is not None
            contacts.erase(connection, found, connected.clock())
        return Resolution(None)

    now = connected.clock()
    done = settle_removals(connected.engine, connected.source, meanwhile, 50, now, lambda: 0.0)
    assert (done, connected.rows("inquiries"), connected.stored(ada)) == (0, [], None)


def test_a_visitor_merged_into_the_older_contact_gives_it_his_history(
    connected: Installation,
) -> None:
    # Mautic 4 keeps the oldest.
    standin = connected.standin
    old = submit_form(standin, None, ADA)
    visitor = visit(standin, None, "https://shop.example/")
    connected.score()
    connected.receive([removal(connected, visitor)])
    with standin.lock:
        standin.merge(visitor, standin.contacts[old])
    connected.score()
    assert connected.settle() == 1
    connected.deliver()
    assert connected.held(old)["score"] == 35
    assert connected.points(visitor) == 35


def test_what_arrives_late_under_the_old_id_counts_for_the_survivor(
    connected: Installation,
) -> None:
    standin = connected.standin
    old = submit_form(standin, None, ADA)
    connected.score()
    visit(standin, old, "https://shop.example/late")
    late = connected.take_deliveries()
    new = submit_form(standin, visit(standin, None, "https://shop.example/"), ADA)
    connected.score()
    connected.settle()
    before = connected.points(new)
    connected.receive(late)
    connected.score()
    assert connected.points(new) == before + 5


def test_chains_of_merges_lead_to_the_last_survivor(connected: Installation) -> None:
    standin = connected.standin
    first = submit_form(standin, None, ADA)
    connected.score()
    for _ in range(2):
        last = submit_form(standin, visit(standin, None, "https://shop.example/"), ADA)
        connected.score()
        connected.settle()
        write_and_listen(connected)
    assert connected.points(first) == connected.points(last) == 10 + 20 + 10
    assert sorted(row["state"] for row in connected.rows("contacts")) == [
        "active",
        "merged",
        "merged",
    ]


def test_a_deleted_contact_is_erased_and_stays_so(connected: Installation) -> None:
    ada = submit_form(connected.standin, None, ADA)
    bodies = connected.take_deliveries()
    connected.receive(bodies)
    connected.score()
    connected.deliver()
    delete_contact(connected.standin, ada)
    connected.score()
    assert connected.settle() == 1
    connected.receive(bodies)
    connected.score()
    assert connected.stored(ada) is None
    for table in ("contacts", "activities", "histories", "entries", "scores", "deliveries"):
        assert connected.rows(table) == [], table
    assert connected.tally("of_erased_contacts") > 0


def test_while_the_platform_is_unreachable_nothing_is_dropped_or_written(
    connected: Installation,
) -> None:
    ada = submit_form(connected.standin, None, ADA)
    delete_contact(connected.standin, ada)
    connected.score()
    for expected in (1.0, 2.0):
        connected.standin.faults.refuse(503, kind="contact")
        with pytest.raises(Transient):
            connected.settle()
        assert connected.points(ada) == 30
        assert connected.deliver() == 0
        connected.clock.forward(seconds=expected)
    assert connected.writes() == []
    assert connected.settle() == 1
    assert connected.stored(ada) is None


def test_a_write_answered_with_another_id_makes_us_ask_and_merge(connected: Installation) -> None:
    standin = connected.standin
    old = submit_form(standin, None, ADA)
    new = submit_form(standin, None, {"email": "bob@example.org"})
    connected.score()
    connected.deliver()
    with standin.lock:
        standin.merge(old, standin.contacts[new])
    connected.take_deliveries()
    connected.clock.forward(days=1)
    connected.receive([page_view(connected, old)])
    connected.score()
    connected.deliver()
    assert connected.settle() == 1
    connected.deliver()
    assert connected.points(old) == connected.points(new)
    assert connected.held(new)["score"] == connected.points(new)
    assert len(connected.held(new)["tags"]) == 1


def test_a_question_that_is_refused_does_not_hold_up_the_others(connected: Installation) -> None:
    refused, gone = two_removed(connected)
    asked: list[str] = []
    resolve = answering(connected, {refused: Refused("a redirect")}, asked)
    clock = connected.clock()
    assert settle_removals(connected.engine, connected.source, resolve, 9, clock, lambda: 0.0) == 1
    [open_question] = connected.rows("inquiries")
    assert open_question["attempts"] == 1
    assert asked == [refused, gone]


def test_a_platform_that_cannot_answer_now_is_asked_once_and_left_in_peace(
    connected: Installation,
) -> None:
    first, second = two_removed(connected)
    asked: list[str] = []
    down = Transient("down")
    resolve = answering(connected, {first: down, second: down}, asked)
    clock = connected.clock()
    with pytest.raises(Transient):
        settle_removals(connected.engine, connected.source, resolve, 9, clock, lambda: 0.0)
    assert asked == [first]
    assert sorted(row["attempts"] for row in connected.rows("inquiries")) == [0, 1]


def test_the_removal_of_a_contact_nobody_knows_leaves_only_a_proof(
    connected: Installation,
) -> None:
    connected.receive([removal(connected, 4711)])
    connected.score()
    connected.settle()
    assert connected.rows("contacts") == []
    assert len(connected.rows("erasures")) == 1


def test_a_contact_that_is_still_there_stays_active(connected: Installation) -> None:
    ada = submit_form(connected.standin, None, ADA)
    connected.receive([*connected.take_deliveries(), removal(connected, ada)])
    connected.score()
    assert connected.settle() == 1
    assert connected.deliver() == 1
    assert connected.points(ada) == 30


def two_removed(connected: Installation) -> tuple[str, str]:
    first, second = [submit_form(connected.standin, None, {"email": f"{n}@x.org"}) for n in (1, 2)]
    for one in (first, second):
        delete_contact(connected.standin, one)
    connected.score()
    return str(first), str(second)


def answering(
    connected: Installation, errors: Mapping[str, Exception], asked: list[str]
) -> Callable[[str], Resolution]:
    def resolve(contact: str) -> Resolution:
        asked.append(contact)
        if contact in errors:
            raise errors[contact]
        return connected.session.resolve(contact)

    return resolve


def write_and_listen(connected: Installation) -> None:
    """Write, hear the echo, write again.

    In the second of a merge Mautic tells only of the visitor as he was, with empty fields; the
    echo of our own write is the first to show the merged profile.
    """
    for _ in range(2):
        connected.clock.forward(minutes=1)
        connected.deliver()
        connected.score()


def removal(connected: Installation, contact: int) -> bytes:
    moment = connected.standin.now()
    text = '{"mautic.lead_post_delete":[{"id":%d,"contact":{"id":null},"timestamp":"%s"}]}'
    return (text % (contact, moment)).encode()


def page_view(connected: Installation, contact: int) -> bytes:
    moment = connected.standin.now()
    text = (
        '{"mautic.page_on_hit":[{"hit":{"id":900,"dateHit":"%s","url":"https://shop.example/z",'
        '"code":200,"query":{},"lead":{"id":%d}},"timestamp":"%s"}]}'
    )
    return (text % (moment, contact, moment)).encode()
