"""Deliveries that get lost, and webhooks that the platform gives up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standin_receiver import Receiver, hook_to, receiving

from connectors.mautic.standin import StandIn, create_app
from connectors.mautic.standin.hooks import process_queue
from connectors.mautic.standin.losses import Losses
from connectors.mautic.standin.visitors import visit

SITE = "https://www.shop.example/"
NOBODY = "http://127.0.0.1:9/hooks"


class Clock:
    now = datetime(2026, 9, 1, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def standin(clock: Clock) -> StandIn:
    return StandIn(clock=clock)


def logged(standin: StandIn) -> list[str]:
    return [row["status_code"] for row in standin.tables.rows("webhook_logs")]


def test_a_share_of_the_deliveries_is_lost_and_the_same_one_each_time(receiver: Receiver):
    def lived() -> list[int | None]:
        standin = StandIn(losses=Losses(0.3, seed=5))
        hook_to(standin, receiver.url)
        for _ in range(100):
            visit(standin, None, SITE)
        return [sent.status for sent in standin.sent]

    first = lived()

    assert 20 < first.count(502) < 40
    assert len(receiver.got) == first.count(200)
    assert lived() == first


def test_the_log_has_a_row_for_success_two_for_refusals_and_one_for_silence(
    standin: StandIn, receiver: Receiver
):
    hook = hook_to(standin, receiver.url)
    receiver.statuses = [200, 500]
    visit(standin, None, SITE)
    visit(standin, None, SITE)
    hook.url = NOBODY
    visit(standin, None, SITE)

    assert logged(standin) == ["200", "500", "N/A", "N/A"]


def test_after_fifty_refusals_and_two_days_the_webhook_is_unpublished(
    standin: StandIn, clock: Clock, receiver: Receiver
):
    hook = hook_to(standin, receiver.url)
    visit(standin, None, SITE)
    clock.now += timedelta(days=3)
    receiver.statuses = [500] * 60

    for _ in range(49):
        visit(standin, None, SITE)
    assert hook.published
    visit(standin, None, SITE)

    assert not hook.published
    visit(standin, None, SITE)
    assert len(receiver.got) == 51


def test_a_webhook_made_lately_is_left_alone(standin: StandIn, receiver: Receiver):
    hook = hook_to(standin, receiver.url)
    receiver.statuses = [500] * 60

    for _ in range(60):
        visit(standin, None, SITE)

    assert hook.published


def test_a_webhook_published_again_is_given_up_at_the_first_failure(
    standin: StandIn, clock: Clock, receiver: Receiver
):
    hook = hook_to(standin, NOBODY)
    clock.now += timedelta(days=3)
    visit(standin, None, SITE)
    assert not hook.published

    shown = edit(standin, hook.id, isPublished=True)
    assert (shown["isPublished"], shown["dateModified"]) == (True, shown["dateAdded"])
    visit(standin, None, SITE)

    assert not hook.published


def test_a_webhook_edited_lately_is_left_alone(standin: StandIn, clock: Clock):
    hook = hook_to(standin, NOBODY)
    clock.now += timedelta(days=3)
    edit(standin, hook.id, name="Other")

    visit(standin, None, SITE)

    assert hook.published


@pytest.mark.parametrize(("version", "kept"), [("3.3.3", 1), ("4.4.13", 0), ("6.0.3", 0)])
def test_a_refused_batch_is_kept_only_by_3_until_the_next_run(
    receiver: Receiver, version: str, kept: int
):
    standin = StandIn(version=version, queued=True)
    hook_to(standin, receiver.url)
    visit(standin, None, SITE)
    receiver.statuses = [503]

    process_queue(standin)

    assert len(standin.queue) == kept
    assert process_queue(standin) == kept


def test_mautic_7_keeps_a_refused_batch_and_waits_an_hour(receiver: Receiver, clock: Clock):
    standin = StandIn(version="7.0.1", queued=True, clock=clock, allowed_private={"127.0.0.1"})
    hook_to(standin, receiver.url)
    visit(standin, None, SITE)
    receiver.statuses = [503]

    process_queue(standin)
    assert process_queue(standin) == 0
    clock.now += timedelta(hours=1)
    process_queue(standin)

    assert standin.queue == []
    assert receiver.keys == ["page_on_hit", "page_on_hit"]


def edit(standin: StandIn, hook: int, **change: Any) -> dict[str, Any]:
    client = create_app(standin).test_client()
    pair = (standin.user, standin.password)
    answer: Any = client.patch(f"/api/hooks/{hook}/edit", json=change, auth=pair).get_json()
    shown: dict[str, Any] = answer["hook"]
    return shown
