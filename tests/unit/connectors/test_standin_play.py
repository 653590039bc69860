from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from connectors.mautic.standin import StandIn, play
from connectors.mautic.standin.author import Author
from connectors.mautic.standin.fields import Field
from connectors.mautic.standin.saving import save
from connectors.signature import is_signed

WEBHOOKS = Path(__file__).parents[2] / "payloads" / "mautic" / "webhooks"
SECRET = "capture-secret-123"
US = Author(None, "maturo [1]")


@dataclass(frozen=True)
class Delivery:
    body: bytes
    signature: str


class Receiver:
    def __init__(self) -> None:
        self.got: list[tuple[bytes, Mapping[str, str]]] = []

    def __call__(self, body: bytes, headers: Mapping[str, str]) -> int:
        self.got.append((body, headers))
        return 204


def story(*cases: str) -> Iterable[Delivery]:
    files = [path for case in cases for path in WEBHOOKS.glob(f"*__{case}_[0-9].json")]
    for one in sorted((json.loads(path.read_text()) for path in files), key=lambda d: d["seq"]):
        yield Delivery(one["body"].encode(), one["headers"]["Webhook-Signature"])


def test_deliveries_are_posted_as_recorded_and_in_order():
    receiver = Receiver()
    deliveries = list(story("anon_pixel_first", "form_submit_known_email_merges_anon"))

    statuses = play(StandIn(), deliveries, receiver)

    assert statuses == [204] * 8
    assert [body for body, _ in receiver.got] == [delivery.body for delivery in deliveries]
    for body, headers in receiver.got:
        assert is_signed(body, headers["Webhook-Signature"], [SECRET])
        assert headers["Content-Type"] == "application/json"


def test_the_contact_is_there_before_its_delivery_is_posted():
    standin = StandIn()
    seen: list[bool] = []

    def post(body: bytes, headers: Mapping[str, str]) -> int:
        seen.append(1 in standin.contacts)
        return 204

    play(standin, story("api_contact_create_identified"), post)

    assert seen == [True]
    contact = standin.contacts[1]
    assert contact.values["email"] == "anna@example.test"
    assert contact.points == 5
    assert contact.tags == ["Hot Lead", "écran"]


def test_a_merge_leads_the_old_id_to_the_winner_with_its_points_and_fields():
    standin = StandIn()
    loser = standin.create(contact_id=36)
    loser.values |= {"firstname": "Anne", "city": "Lyon"}
    loser.tags.append("kept")

    cases = ("anon_pixel_first", "form_submit_known_email_merges_anon")
    play(standin, story(*cases), Receiver(), merged={"36": "38"})

    winner = standin.find(36)
    assert winner is standin.contacts[38]
    assert 36 not in standin.contacts
    assert winner.points == 3
    assert (winner.values["firstname"], winner.values["city"]) == ("Anne", "Lyon")
    assert winner.tags == ["kept"]


def test_a_deletion_that_is_no_merge_removes_the_contact():
    standin = StandIn()
    standin.create(contact_id=53)

    play(standin, story("api_contact_delete"), Receiver())

    assert standin.find(53) is None
    assert 53 in standin.deleted


def test_what_we_wrote_survives_later_deliveries():
    standin = StandIn()
    play(standin, story("api_contact_patch"), Receiver())
    contact = standin.contacts[48]
    standin.add_field(Field(standin.next_field_id(), "maturo_score", "Score", "number"))
    save(standin, contact, {"maturo_score": 61, "tags": ["maturo-hot"]}, US, [])

    play(standin, story("api_contact_patch_tags_add", "api_points_plus"), Receiver())

    assert contact.values["maturo_score"] == 61
    assert "maturo-hot" in contact.tags
    assert contact.points == 8


def test_a_field_that_takes_the_number_of_ours_gets_another_one():
    standin = StandIn()
    standin.add_field(Field(44, "maturo_score", "Score", "number"))
    play(standin, story("api_contact_patch"), Receiver())

    numbers = [field.id for field in standin.fields]
    assert standin.field("lead_score_ext") is not None
    assert len(numbers) == len(set(numbers))


def test_the_flat_profile_of_a_sent_mail_is_understood():
    standin = StandIn()

    play(standin, story("email_send_api"), Receiver())

    contact = standin.contacts[46]
    assert contact.values["email"] == "frida@example.test"
    assert contact.values["mobile"] == "+33611111111"


def test_a_hit_makes_the_contact_active_and_companies_make_nobody():
    standin = StandIn()

    play(standin, story("anon_pixel_first", "api_company_create"), Receiver())

    assert list(standin.contacts) == [38]
    assert standin.contacts[38].last_active == "2026-11-21T20:06:34+00:00"


def test_do_not_contact_and_owner_are_kept():
    standin = StandIn()

    play(standin, story("unsubscribe_link"), Receiver())

    assert standin.contacts[46].do_not_contact[0]["comments"] == "User unsubscribed."
