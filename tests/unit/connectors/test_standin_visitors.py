from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standin_receiver import Receiver, hook_to, receiving

from connectors.mautic.standin import StandIn
from connectors.mautic.standin import visitors as people

WEBHOOKS = Path(__file__).parents[2] / "payloads" / "mautic" / "webhooks"
NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)
ADA = {"email": "ada@example.test", "firstname": "Ada"}


@pytest.fixture
def receiver():
    with receiving() as running:
        yield running


@pytest.fixture
def standin(receiver: Receiver) -> StandIn:
    made = StandIn(clock=lambda: NOW)
    hook_to(made, receiver.url)
    return made


def recorded(name: str) -> dict[str, Any]:
    [items] = json.loads(json.loads((WEBHOOKS / f"{name}.json").read_text())["body"]).values()
    return items[0]


def keys(value: Any, path: str = "") -> Iterator[str]:
    """Every key at every depth; fields by alias, query and tokens are free."""
    if not isinstance(value, dict) or path.endswith(
        ("query", "tokens", "results", "utmTags", "properties")
    ):
        return
    inner = value
    if path.endswith(("core", "social", "professional")):
        inner = {"field": next(iter(value.values()))}
    for key, item in inner.items():
        yield f"{path}.{key}"
        yield from keys(item, f"{path}.{key}")


def last(receiver: Receiver, key: str) -> dict[str, Any]:
    return next(item for found, item in reversed(receiver.events) if found == key)


def test_a_new_browser_becomes_an_anonymous_contact(standin: StandIn, receiver: Receiver):
    visitor = people.visit(standin, None, "https://www.shop.example/pricing?utm_source=g")

    assert standin.contacts[visitor].anonymous
    item = last(receiver, "page_on_hit")
    assert item["hit"]["lead"]["id"] == visitor
    assert item["hit"]["query"]["utm_source"] == "g"
    assert set(keys(item)) == set(keys(recorded("page_on_hit__anon_pixel_first_1")))


def test_a_first_form_identifies_the_visitor_before_the_submission(
    standin: StandIn, receiver: Receiver
):
    visitor = people.visit(standin, None, "https://www.shop.example/")
    contact = people.submit_form(standin, visitor, {**ADA, "message": ""})

    assert contact == visitor
    assert receiver.keys == ["page_on_hit", "lead_post_save_new", "form_on_submit"]
    item = last(receiver, "form_on_submit")
    assert item["submission"]["results"] == {**ADA, "message": ""}
    as_recorded = recorded("form_on_submit__form_submit_new_contact_required_only_1")
    assert set(keys(item)) == set(keys(as_recorded))


def test_the_same_form_again_updates_the_contact(standin: StandIn, receiver: Receiver):
    contact = people.submit_form(standin, None, ADA)
    again = people.submit_form(standin, contact, {**ADA, "city": "Lyon"})

    assert again == contact
    assert receiver.keys[-2:] == ["lead_post_save_update", "form_on_submit"]
    assert standin.contacts[contact].values["city"] == "Lyon"


def test_the_email_of_a_known_contact_swaps_its_id(standin: StandIn, receiver: Receiver):
    known = people.submit_form(standin, None, {**ADA, "city": "Lyon"})
    standin.contacts[known].points = 3
    standin.contacts[known].tags = ["hot"]
    standin.tags["hot"] = 1
    receiver.got.clear()

    visitor = people.submit_form(standin, None, {**ADA, "company": "ACME SAS"})

    assert receiver.keys == [
        "lead_points_change",
        "lead_post_save_new",
        "lead_post_delete",
        "lead_post_save_update",
        "lead_company_change",
        "company_post_save",
        "form_on_submit",
    ]
    assert last(receiver, "lead_points_change")["points"] == {"old_points": 0, "new_points": 3}
    assert last(receiver, "lead_post_delete")["id"] == known
    assert last(receiver, "lead_post_delete")["contact"]["id"] is None
    winner = standin.find(known)
    assert winner is not None
    assert (winner.id, winner.points, winner.tags) == (visitor, 3, ["hot"])
    assert winner.values["city"] == "Lyon"


def test_the_submission_of_a_merge_shows_the_visitor_half_stale(
    standin: StandIn, receiver: Receiver
):
    people.submit_form(standin, None, ADA)
    people.submit_form(standin, None, ADA)

    submission = last(receiver, "form_on_submit")["submission"]
    assert submission["lead"]["fields"]["core"]["email"]["value"] is None
    assert submission["results"]["email"] == "ada@example.test"


@pytest.mark.parametrize(
    "event",
    [
        "lead_post_save_new",
        "lead_post_delete",
        "lead_post_save_update",
        "lead_company_change",
        "company_post_save",
    ],
)
def test_the_events_of_a_merge_look_as_recorded(standin: StandIn, receiver: Receiver, event: str):
    people.submit_form(standin, None, ADA)
    people.submit_form(standin, None, {**ADA, "company": "ACME SAS"})

    as_recorded = recorded(f"{event}__form_submit_known_email_merges_anon_1")
    assert set(keys(last(receiver, event))) == set(keys(as_recorded))


def test_a_known_visitor_with_the_email_of_another_is_not_merged(standin: StandIn):
    ada = people.submit_form(standin, None, ADA)
    bob = people.submit_form(standin, None, {"email": "bob@example.test"})

    assert people.submit_form(standin, bob, ADA) == ada
    assert set(standin.contacts) == {ada, bob}


def test_a_known_visitor_with_a_new_email_becomes_a_new_contact(
    standin: StandIn, receiver: Receiver
):
    ada = people.submit_form(standin, None, ADA)
    other = people.submit_form(standin, ada, {"email": "ada@home.example"})

    assert other != ada
    assert receiver.keys[-2:] == ["lead_post_save_new", "form_on_submit"]
    as_recorded = recorded("lead_post_save_new__form_submit_changed_email_same_cookie_1")
    assert set(keys(last(receiver, "lead_post_save_new"))) == set(keys(as_recorded))


def test_sending_opening_and_clicking_look_as_recorded(standin: StandIn, receiver: Receiver):
    contact = people.submit_form(standin, None, ADA)
    receiver.got.clear()
    mail = people.send_email(standin, contact, 4, name="Nurture 2")
    people.open_email(standin, mail)
    people.open_email(standin, mail)
    people.click(standin, mail, "https://www.shop.example/pricing?x=1")

    assert receiver.keys == [
        "email_on_send",
        "email_on_open",
        "email_on_open",
        "lead_post_save_update",
        "lead_post_save_update",
        "page_on_hit",
    ]
    sent, opened, clicked = (
        last(receiver, key) for key in ("email_on_send", "email_on_open", "page_on_hit")
    )
    assert sent["contact"]["id"] == str(contact)
    assert sent["idHash"] == opened["stat"]["trackingHash"]
    assert opened["stat"]["openCount"] == 2
    assert (clicked["hit"]["source"], clicked["hit"]["sourceId"]) == ("email", 4)
    assert clicked["hit"]["query"]["ct"]["stat"] == sent["idHash"]
    assert set(keys(opened)) == set(keys(recorded("email_on_open__email_open_first_1")))
    assert set(keys(clicked)) == set(keys(recorded("page_on_hit__email_click_link_external_1")))


def test_unsubscribing_is_told_as_a_channel_change(standin: StandIn, receiver: Receiver):
    contact = people.submit_form(standin, None, ADA)
    mail = people.send_email(standin, contact)
    people.unsubscribe(standin, mail)

    assert receiver.keys[-2:] == ["lead_channel_subscription_changed", "lead_post_save_update"]
    item = last(receiver, "lead_channel_subscription_changed")
    assert (item["old_status"], item["new_status"]) == ("contactable", "unsubscribed")
    assert item["contact"]["doNotContact"][0]["channelId"] == mail.email
    as_recorded = recorded("lead_channel_subscription_changed__unsubscribe_link_1")
    assert set(keys(item)) == set(keys(as_recorded))


def test_mail_of_a_merged_contact_goes_on_to_the_winner(standin: StandIn, receiver: Receiver):
    old = people.submit_form(standin, None, ADA)
    mail = people.send_email(standin, old)
    new = people.submit_form(standin, None, ADA)
    people.open_email(standin, mail)

    assert last(receiver, "email_on_open")["stat"]["lead"]["id"] == new


def test_a_deleted_contact_is_gone_and_its_mail_cannot_be_read(
    standin: StandIn, receiver: Receiver
):
    contact = people.submit_form(standin, None, ADA)
    mail = people.send_email(standin, contact)
    people.delete_contact(standin, contact)

    assert receiver.keys[-1] == "lead_post_delete"
    assert standin.find(contact) is None
    with pytest.raises(LookupError, match="was deleted"):
        people.open_email(standin, mail)
