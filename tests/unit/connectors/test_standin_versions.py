"""Each quirk of the stand-in's table, played by a version that has it and by one that has not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from standin_receiver import Receiver, hook_to, receiving

from connectors.mautic import standin as package
from connectors.mautic.standin import StandIn, create_app
from connectors.mautic.standin.quirks import QUIRKS, has
from connectors.mautic.standin.visitors import submit_form, visit

ADA = {"email": "ada@example.test"}
SITE = "https://www.shop.example/"


class Api:
    """A stand-in of one version, and a client of it."""

    def __init__(self, version: str, **settings: Any) -> None:
        self.standin = StandIn(version=version, **settings)
        self._client = create_app(self.standin).test_client()

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        pair = (self.standin.user, self.standin.password)
        return self._client.open(f"/api/{path}", method=method, json=body, auth=pair)

    def contact(self, **values: Any) -> int:
        return submit_form(self.standin, None, values or ADA)


@pytest.mark.parametrize("version", ["4.4.13", "5.2.1", "6.0.3", "7.0.1", "3.0.16-atmt"])
def test_every_answer_says_the_version(version: str):
    assert Api(version)("GET", "contacts").headers["Mautic-Version"] == version


def test_versions_are_told_by_their_numbers():
    old = ("3.0.16-atmt", "4.4.13", "v4.4")
    assert all(has(version, "merge_keeps_the_oldest") for version in old)
    assert not any(has(v, "merge_keeps_the_oldest") for v in ("5.0.0", "5.2", "6.0.3", "7.0-rc1"))
    with pytest.raises(KeyError):
        has("6.0.3", "no_such_quirk")


def test_every_quirk_has_a_source_and_is_played():
    folder = Path(package.__file__).parent
    code = "".join(p.read_text("utf-8") for p in folder.glob("*.py") if p.stem != "quirks")
    for name, quirk in QUIRKS.items():
        assert quirk.source
        assert f'has("{name}")' in code, f"nothing plays {name}"


@pytest.mark.parametrize(("version", "stays"), [("4.4.13", "known"), ("6.0.3", "visitor")])
def test_who_stays_in_a_merge(version: str, stays: str):
    api = Api(version, queued=True)
    with receiving() as receiver:
        hook_to(api.standin, receiver.url)
    known = api.contact(**ADA, city="Lyon")
    visitor = visit(api.standin, None, SITE)
    api.standin.queue.clear()

    winner = submit_form(api.standin, visitor, {**ADA, "company": "ACME"})

    who = {"known": known, "visitor": visitor}
    assert winner == who[stays]
    [loser] = set(who.values()) - {winner}
    [gone] = [event for _, event in api.standin.queue if event.key == "lead_post_delete"]
    assert gone.item["id"] == loser
    assert api("GET", f"contacts/{loser}").get_json()["contact"]["id"] == winner
    values = api.standin.contacts[winner].values
    assert (values["email"], values["city"], values["company"]) == (ADA["email"], "Lyon", "ACME")
    assert api.standin.tables.find("page_hits", lead_id=winner)
    [form] = [event for _, event in api.standin.queue if event.key == "form_on_submit"]
    assert form.item["submission"]["lead"]["id"] == winner


@pytest.mark.parametrize(
    ("version", "value", "kept"),
    [("4.4.13", 0, 0), ("5.2.4", 0, 7), ("6.0.3", 0, 7), ("7.0.1", 0, 0), ("7.1.0", 0.5, 7)],
)
def test_which_numbers_an_edit_overlooks(version: str, value: float, kept: float):
    api = Api(version)
    field = {"label": "Score", "alias": "score", "type": "number", "properties": {"scale": 1}}
    api("POST", "fields/contact/new", field)
    who = api.contact()

    for number in (7, value):
        api("PATCH", f"contacts/{who}/edit", {"score": number})

    assert api.standin.contacts[who].values["score"] == kept


@pytest.mark.parametrize(
    ("version", "sent"), [("4.4.13", 0), ("5.0.4", 1), ("6.0.3", 1), ("7.2.0", 0)]
)
def test_who_is_mailed_although_unsubscribed(version: str, sent: int):
    api = Api(version)
    who = api.contact()
    api.standin.contacts[who].do_not_contact = [{"channel": "email", "reason": 1}]

    answer = api("POST", f"emails/1/contact/{who}/send")

    assert answer.get_json() == {"success": True}
    assert len(api.standin.mails) == sent


@pytest.mark.parametrize(("version", "status"), [("4.4.13", 500), ("5.1.0", 200)])
def test_a_batch_of_two_contacts_at_one_stage(version: str, status: int):
    api = Api(version)
    people = [api.contact(email=f"{name}@example.test") for name in "ab"]
    for who in people:
        api("POST", f"stages/1/contact/{who}/add")

    edits = [{"id": who, "city": "Lyon"} for who in people]
    assert api("PATCH", "contacts/batch/edit", edits).status_code == status


def test_a_batch_of_mautic_3_lands_on_the_neighbours():
    api = Api("3.2.5")
    ada, bob = (api.contact(email=f"{name}@example.test") for name in "ab")

    api("PATCH", "contacts/batch/edit", [{"id": ada, "city": "A"}, {"id": bob, "city": "B"}])

    assert [api.standin.contacts[who].values["city"] for who in (ada, bob)] == ["B", "A"]


@pytest.mark.parametrize(("version", "arrived"), [("6.0.3", 1), ("7.0.1", 0)])
def test_webhooks_to_private_addresses(version: str, arrived: int):
    with receiving() as receiver:
        api = Api(version)
        hook_to(api.standin, receiver.url)
        visit(api.standin, None, SITE)

        assert len(receiver.got) == arrived
        assert_allowed_when_listed(api, receiver)


def assert_allowed_when_listed(api: Api, receiver: Receiver) -> None:
    api.standin.allowed_private.add("127.0.0.1")
    receiver.got.clear()
    visit(api.standin, None, SITE)
    assert len(receiver.got) == 1


@pytest.mark.parametrize(("version", "limited"), [("6.0.3", True), ("7.0.1", False)])
def test_the_rate_limiter_ends_with_7(version: str, limited: bool):
    api = Api(version, rate_limit=1)
    api("GET", "contacts")

    answer = api("GET", "contacts")

    assert (answer.status_code == 429) == limited
    assert ("X-RateLimit-Limit" in answer.headers) == limited


@pytest.mark.parametrize(("version", "found"), [("6.0.3", 2), ("7.0.1", 1)])
def test_notes_are_searched_from_7_on(version: str, found: int):
    api = Api(version)
    who = api.contact()
    for text in ("call her", "wrote"):
        api("POST", "notes/new", {"lead": who, "text": text, "type": "call"})

    assert api("GET", f"contacts/{who}/notes?search=call").get_json()["total"] == found


def test_fields_made_in_the_background_are_published_by_the_cron_job():
    api = Api("6.0.3", fields_in_background=True)
    answer = api("POST", "fields/contact/new", {"label": "Score", "type": "number"})

    assert answer.status_code == 202
    assert answer.get_json()["field"]["isPublished"] is False
    api.standin.make_columns()
    fields = api("GET", "fields/contact?limit=100").get_json()["fields"].values()
    assert all(field["isPublished"] for field in fields)
