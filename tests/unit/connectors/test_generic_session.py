"""What the generic connector posts, judged by the reference library of Standard Webhooks."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest
import requests
import responses
from generic_kit import settings
from standardwebhooks import Webhook

from connectors.commands import AddNote, AddTag, SendEmail, UpdateContact
from connectors.errors import AuthFailed, Refused, Transient, Unsupported
from connectors.generic import CONNECTOR
from connectors.generic.session import GenericSession

URL = "https://tool.example/in"
SIGNING = "whsec_c2lnbnMgd2hhdCB3ZSBzZW5kLCBhbmQgbm90aGluZyBlbHNl"
DUE = datetime(2026, 3, 3, 9, tzinfo=UTC)
UPDATE = UpdateContact("42", {"score": 7, "band": "warm"}, ("band-warm",), ("band-cold",))
CALL = AddNote("42", "7:hot:1", "Wants a demo", "call", DUE)


@pytest.fixture
def tool():
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def session(**given) -> GenericSession:
    return CONNECTOR.open(settings(url=URL, signing_secret=SIGNING, **given))


def sent(tool) -> list[dict]:
    """What was posted, each believed by the reference library, with its id."""
    told = []
    for call in tool.calls:
        headers = dict(call.request.headers)
        body = call.request.body.decode()
        told.append({"id": headers["Webhook-Id"], **Webhook(SIGNING).verify(body, headers)})
    return told


def test_a_write_back_is_one_signed_post_of_absolute_values(tool):
    tool.post(URL, status=202)
    [outcome] = session().apply([UPDATE])
    assert (outcome.error, outcome.contact) == (None, "42")
    [told] = sent(tool)
    assert told["type"] == "contact.updated"
    assert datetime.fromisoformat(told["timestamp"]).tzinfo is not None
    assert told["data"] == {
        "contact": "42",
        "values": {"score": 7, "band": "warm"},
        "add_tags": ["band-warm"],
        "remove_tags": ["band-cold"],
    }


def test_an_action_keeps_its_id_and_a_write_back_has_a_new_one(tool):
    tool.post(URL)
    session().apply([CALL, CALL, UPDATE, UPDATE])
    first, second, third, fourth = sent(tool)
    assert first["id"] == second["id"] == "msg_7:hot:1"
    assert third["id"] != fourth["id"]
    assert first["type"] == "action.call"
    assert first["data"] == {
        "contact": "42",
        "text": "Wants a demo",
        "due": "2026-03-03T09:00:00+00:00",
    }


def test_every_action_is_named_as_in_a_scorecard(tool):
    tool.post(URL)
    session().apply([AddNote("1", "a", "x"), SendEmail("1", "b", "9"), AddTag("1", "c", "vip")])
    told = [(one["type"], one["data"]) for one in sent(tool)]
    assert told == [
        ("action.note", {"contact": "1", "text": "x", "due": None}),
        ("action.send_email", {"contact": "1", "email": "9"}),
        ("action.add_tag", {"contact": "1", "tag": "vip"}),
    ]


@pytest.mark.parametrize(
    ("status", "kind", "in_doubt"),
    [
        *((401, AuthFailed, False), (403, AuthFailed, False)),
        *(
            (400, Refused, False),
            (404, Refused, False),
            (410, Refused, False),
            (302, Refused, False),
        ),
        *((408, Transient, False), (425, Transient, False), (429, Transient, False)),
        *((500, Transient, True), (502, Transient, True), (503, Transient, False)),
    ],
)
def test_what_an_answer_means(tool, status, kind, in_doubt):
    tool.post(URL, status=status, headers={"Retry-After": "9", "Location": "https://x.example/"})
    [outcome] = session().apply([CALL])
    assert type(outcome.error) is kind
    assert outcome.in_doubt is in_doubt
    assert getattr(outcome.error, "retry_after", 9) == 9


@pytest.mark.parametrize(
    ("raised", "kind", "in_doubt"),
    [
        (requests.ConnectTimeout(), Transient, False),
        (requests.ReadTimeout(), Transient, True),
        (requests.ConnectionError(), Transient, True),
        (requests.exceptions.SSLError(), Refused, False),
    ],
)
def test_what_no_answer_means(tool, raised, kind, in_doubt):
    tool.post(URL, body=raised)
    [outcome] = session().apply([CALL])
    assert (type(outcome.error), outcome.in_doubt) == (kind, in_doubt)


def test_after_a_failure_for_all_the_rest_is_not_tried(tool):
    tool.post(URL, status=503)
    outcomes = session().apply([UPDATE, CALL, UPDATE])
    assert len(tool.calls) == 1
    assert all(isinstance(one.error, Transient) for one in outcomes)
    assert [one.command for one in outcomes] == [UPDATE, CALL, UPDATE]


def test_one_that_is_refused_costs_the_others_nothing(tool):
    tool.post(URL, status=422)
    tool.post(URL, status=200)
    refused, taken = session().apply([UPDATE, CALL])
    assert isinstance(refused.error, Refused)
    assert taken.error is None


def test_without_an_address_nothing_is_sent_and_nothing_is_amiss(tool):
    opened = CONNECTOR.open(settings())
    [outcome] = opened.apply([UPDATE])
    assert isinstance(outcome.error, Unsupported)
    assert opened.probe().ok
    assert not tool.calls


def test_only_a_receiver_that_drops_repeats_is_told_twice():
    assert session().was_done(CALL, DUE) is None
    assert session(deduplicates=True).was_done(CALL, DUE) is False


def test_the_probe_posts_a_test_to_a_checked_address(tool):
    tool.post("https://127.0.0.1/in", status=204)
    inside = settings(url="https://127.0.0.1/in", signing_secret=SIGNING)
    with pytest.raises(Refused, match="loopback"):
        CONNECTOR.open(inside).probe()
    assert not tool.calls
    assert CONNECTOR.open(inside | {"private_addresses": True}).probe().ok
    assert sent(tool)[0]["type"] == "maturo.test"


def test_every_request_waits_for_its_turn(tool):
    tool.post(URL)
    turns = []
    paced = CONNECTOR.open(settings(url=URL, signing_secret=SIGNING), pace=lambda: turns.append(1))
    paced.apply([UPDATE, CALL])
    assert turns == [1, 1]


def test_a_body_is_signed_as_it_travels(tool):
    tool.post(URL)
    session().apply([AddNote("é", "op", "Größe “x” \u2028")])
    assert sent(tool)[0]["data"]["text"] == "Größe “x” \u2028"
    assert orjson.loads(tool.calls[0].request.body)["data"]["contact"] == "é"
