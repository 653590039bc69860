from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standin_receiver import Receiver, hook_to, receiving

from connectors.mautic.standin import StandIn, create_app
from connectors.mautic.standin import visitors as people
from connectors.mautic.standin.kept import Membership

WEBHOOKS = Path(__file__).parents[2] / "payloads" / "mautic" / "webhooks"
NOW = datetime(2026, 9, 1, 8, tzinfo=UTC)


class Api:
    """A client of one stand-in with the password of its user."""

    def __init__(self, standin: StandIn) -> None:
        self.standin = standin
        self._client = create_app(standin).test_client()

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        pair = (self.standin.user, self.standin.password)
        return self._client.open(f"/api/{path}", method=method, json=body, auth=pair)

    def page(self) -> str:
        return self._client.get("/s/contacts").get_data(as_text=True)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def standin(receiver: Receiver) -> StandIn:
    made = StandIn(clock=lambda: NOW)
    made.create(contact_id=48).values["email"] = "gina@example.test"
    hook_to(made, receiver.url)
    return made


@pytest.fixture
def api(standin: StandIn) -> Api:
    return Api(standin)


def recorded(name: str) -> dict[str, Any]:
    [items] = json.loads(json.loads((WEBHOOKS / f"{name}.json").read_text())["body"]).values()
    return items[0]


def test_a_mail_sent_by_the_api_is_kept_told_and_counted(
    standin: StandIn, api: Api, receiver: Receiver
):
    standin.library["emails"][12] = "Product A"

    assert api("POST", "emails/12/contact/48/send", {}).get_json() == {"success": True}

    [mail] = standin.mails
    assert (mail.contact, mail.email, mail.name) == (48, 12, "Product A")
    [(key, item)] = receiver.events
    assert (key, item["email"]["id"], item["contact"]["id"]) == ("email_on_send", 12, "48")
    [row] = api("GET", "stats/email_stats").get_json()["stats"]
    assert (row["lead_id"], row["email_id"], row["date_sent"]) == (
        "48",
        "12",
        "2026-09-01 08:00:00",
    )
    assert "date_read" not in row


def test_a_mail_is_also_sent_to_who_has_unsubscribed_as_on_the_real_one(standin: StandIn, api: Api):
    standin.contacts[48].do_not_contact = [{"channel": "email", "reason": 1}]

    assert api("POST", "emails/1/contact/48/send").get_json() == {"success": True}


def test_nothing_is_sent_without_an_address_or_the_right(standin: StandIn, api: Api):
    standin.create(contact_id=49)
    assert api("POST", "emails/1/contact/49/send").get_json()["success"] is False

    standin.denied.add("emails:send")
    assert api("POST", "emails/1/contact/48/send").status_code == 403
    assert standin.mails == []


def test_statistics_are_found_by_conditions_in_order_and_pages(standin: StandIn, api: Api):
    standin.create(contact_id=49).values["email"] = "hugo@example.test"
    for contact, email in ((48, 1), (49, 1), (48, 2), (48, 1)):
        people.send_email(standin, contact, email)
    people.open_email(standin, standin.mails[0])

    def asked(query: str) -> list[str]:
        found = api("GET", f"stats/email_stats?{query}").get_json()["stats"]
        return [row["id"] for row in found]

    lead = "where[0][col]=lead_id&where[0][expr]=eq&where[0][val]=48"
    mail = "where[1][col]=email_id&where[1][expr]=eq&where[1][val]=1"
    assert asked(f"{lead}&{mail}") == ["1", "4"]
    assert asked(f"{lead}&order[0][col]=id&order[0][dir]=desc&limit=2") == ["4", "3"]
    assert asked("start=3") == ["4"]
    assert asked("where[0][col]=date_read&where[0][expr]=neq&where[0][val]=x") == ["1"]


def test_a_segment_is_told_once_on_the_way_in_and_once_on_the_way_out(
    standin: StandIn, api: Api, receiver: Receiver
):
    for verb in ("add", "add", "remove", "remove"):
        assert api("POST", f"segments/2/contact/48/{verb}").get_json() == {"success": 1}

    assert [item["action"] for _, item in receiver.events] == ["added", "removed"]
    item = recorded("lead_list_change__api_segment_add_1")
    assert set(receiver.events[0][1]) == set(item)
    assert set(receiver.events[0][1]["segment"]) == set(item["segment"])
    assert standin.memberships == {}


def test_a_campaign_is_kept_and_told_to_nobody(standin: StandIn, api: Api, receiver: Receiver):
    api("POST", "campaigns/1/contact/48/add")

    assert set(standin.memberships) == {Membership("campaigns", 1, 48)}
    assert receiver.events == []
    listed = api("GET", "contacts/48/campaigns").get_json()["campaigns"]
    assert listed["1"]["name"] == "Nurturing campaign"


def test_a_stage_is_a_change_of_the_contact(standin: StandIn, api: Api, receiver: Receiver):
    api("POST", "stages/2/contact/48/add")
    assert standin.contacts[48].stage["name"] == "SQL"
    api("POST", "stages/2/contact/48/remove")
    assert standin.contacts[48].stage is None
    assert receiver.keys == ["lead_post_save_update"] * 2


def test_notes_are_listed_newest_first_and_told_to_nobody(
    standin: StandIn, api: Api, receiver: Receiver
):
    for number in range(32):
        api("POST", "notes/new", {"lead": 48, "text": f"<b>{number}</b>"})

    assert len(standin.notes) == 32
    listed = api("GET", "contacts/48/notes").get_json()
    assert (listed["total"], len(listed["notes"])) == (32, 30)
    assert listed["notes"][0]["text"] == "<b>31</b>"
    assert len(api("GET", "contacts/48/notes?limit=200").get_json()["notes"]) == 32
    assert receiver.events == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "notes/new", {"lead": 999, "text": "x"}, 404),
        ("POST", "notes/new", {"lead": 48, "text": "x", "dateTime": "soon"}, 500),
        ("GET", "contacts/999/notes", None, 404),
        ("GET", "contacts/999/campaigns", None, 404),
        ("POST", "stages/9/contact/48/add", None, 404),
        ("POST", "stages/1/contact/48/move", None, 404),
    ],
)
def test_what_is_not_there_or_not_understood_changes_nothing(
    standin: StandIn, api: Api, method: str, path: str, body: Any, status: int
):
    assert api(method, path, body).status_code == status
    assert standin.notes == []


def test_after_a_merge_everything_belongs_to_the_winner(standin: StandIn, api: Api):
    api("POST", "emails/1/contact/48/send")
    api("POST", "segments/1/contact/48/add")
    api("POST", "notes/new", {"lead": 48, "text": "x"})
    standin.create(contact_id=49)

    winner = people.submit_form(standin, None, {"email": "gina@example.test"})

    assert [mail.contact for mail in standin.mails] == [winner]
    assert set(standin.memberships) == {Membership("segments", 1, winner)}
    assert api("GET", "contacts/48/notes").get_json()["total"] == 1
    assert api("GET", "contacts/48/segments").get_json()["total"] == 1
    assert api("GET", "contacts/49/segments").get_json()["lists"] == []


def test_the_page_shows_what_was_done_and_escapes(standin: StandIn, api: Api):
    api("POST", "emails/2/contact/48/send")
    api("POST", "campaigns/1/contact/48/add")
    api("POST", "stages/1/contact/48/add")
    api("POST", "notes/new", {"lead": 48, "text": "<b>Hot", "type": "call"})
    api("PATCH", "contacts/48/edit", {"owner": 1})

    page = api.page()

    for shown in ("Nurture 2", "Nurturing campaign", "MQL", "owner: admin", "call: &lt;b&gt;Hot"):
        assert shown in page
