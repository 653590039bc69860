from __future__ import annotations

import json

import pytest
from standin_receiver import SECRET, Receiver, hook_to, receiving

from connectors.mautic.standin import StandIn
from connectors.mautic.standin.hooks import process_queue
from connectors.mautic.standin.visitors import send_email, submit_form, visit
from connectors.signature import is_signed

NOBODY = "http://127.0.0.1:9/hooks"


@pytest.fixture
def receiver():
    with receiving() as running:
        yield running


def test_a_delivery_is_signed_over_its_bytes_and_written_as_php_writes(receiver: Receiver):
    standin = StandIn()
    hook_to(standin, receiver.url)

    visit(standin, None, "https://www.shop.example/café")

    [(headers, body)] = receiver.got
    assert is_signed(body, headers["Webhook-Signature"], [SECRET])
    assert headers["User-Agent"] == "GuzzleHttp/7"
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Origin-Base-Url"] == standin.site_url
    assert rb"https:\/\/www.shop.example\/caf\u00e9" in body


def test_immediate_mode_posts_each_event_by_itself(receiver: Receiver):
    standin = StandIn()
    hook_to(standin, receiver.url)

    submit_form(standin, None, {"email": "ada@example.test"})

    assert [list(json.loads(body)) for _, body in receiver.got] == [
        ["mautic.lead_post_save_new"],
        ["mautic.form_on_submit"],
    ]


def test_a_hook_gets_only_what_it_asked_for(receiver: Receiver):
    standin = StandIn()
    hook_to(standin, receiver.url, ["mautic.form_on_submit"])

    submit_form(standin, None, {"email": "ada@example.test"})

    assert receiver.keys == ["form_on_submit"]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_event_answered_otherwise_than_2xx_is_lost(receiver: Receiver, status: int):
    standin = StandIn()
    hook = hook_to(standin, receiver.url)
    receiver.statuses = [status]

    visit(standin, None, "https://www.shop.example/")
    visit(standin, None, "https://www.shop.example/again")

    assert [sent.status for sent in standin.sent] == [status, 200]
    assert len(receiver.got) == 2
    assert hook.published


def test_410_unpublishes_the_hook_at_once(receiver: Receiver):
    standin = StandIn()
    hook = hook_to(standin, receiver.url)
    receiver.statuses = [410]

    visit(standin, None, "https://www.shop.example/")
    visit(standin, None, "https://www.shop.example/again")

    assert not hook.published
    assert len(receiver.got) == 1


def test_nobody_listening_loses_the_event_in_immediate_mode():
    standin = StandIn()
    hook_to(standin, NOBODY)

    visit(standin, None, "https://www.shop.example/")

    assert [sent.status for sent in standin.sent] == [None]
    assert standin.queue == []


def test_queued_mode_sends_up_to_ten_events_grouped_by_type(receiver: Receiver):
    standin = StandIn(queued=True)
    hook_to(standin, receiver.url)
    contact = submit_form(standin, None, {"email": "ada@example.test"})
    for _ in range(5):
        visit(standin, contact, "https://www.shop.example/")
        send_email(standin, contact)

    assert receiver.got == []
    assert process_queue(standin) == 2

    first, second = (json.loads(body) for _, body in receiver.got)
    assert {key: len(items) for key, items in first.items()} == {
        "mautic.lead_post_save_new": 1,
        "mautic.form_on_submit": 1,
        "mautic.page_on_hit": 4,
        "mautic.email_on_send": 4,
    }
    assert {key: len(items) for key, items in second.items()} == {
        "mautic.page_on_hit": 1,
        "mautic.email_on_send": 1,
    }
    assert standin.queue == []


def test_a_queued_batch_that_is_refused_is_lost_and_the_rest_waits(receiver: Receiver):
    standin = StandIn(queued=True)
    hook_to(standin, receiver.url)
    for number in range(12):
        visit(standin, None, f"https://www.shop.example/{number}")
    receiver.statuses = [500]

    assert process_queue(standin) == 1
    assert len(standin.queue) == 2
    assert process_queue(standin) == 1

    urls = [item["hit"]["url"][-2:] for _, item in receiver.events]
    assert urls[-2:] == ["10", "11"]


def test_queued_events_stay_when_nobody_answers(receiver: Receiver):
    standin = StandIn(queued=True)
    hook = hook_to(standin, NOBODY)
    visit(standin, None, "https://www.shop.example/")

    assert process_queue(standin) == 1
    assert len(standin.queue) == 1

    hook.url = receiver.url
    process_queue(standin)
    assert receiver.keys == ["page_on_hit"]


def test_a_hook_ordered_descending_gets_the_newest_first(receiver: Receiver):
    standin = StandIn(queued=True)
    hook_to(standin, receiver.url).order = "DESC"
    for number in range(3):
        visit(standin, None, f"https://www.shop.example/{number}")

    process_queue(standin)

    assert [item["hit"]["url"][-1] for _, item in receiver.events] == ["2", "1", "0"]


def test_events_of_an_unpublished_hook_are_not_queued():
    standin = StandIn(queued=True)
    hook_to(standin, NOBODY).published = False

    visit(standin, None, "https://www.shop.example/")

    assert standin.queue == []
