"""What storage promises of reading positions, webhooks and lags, on every engine."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from plugin.storage import deliveries, lags, positions, tallies, webhooks
from plugin.storage.deliveries import News
from plugin.storage.lags import BOUNDS, HELD, Histogram
from plugin.storage.positions import BACKFILL, RECONCILE, Position
from tests.contract.storage_kit import ACME, GLOBEX, NOW, contact, later


def begun(db: Connection, purpose: str = RECONCILE) -> Position:
    positions.begin(db, ACME, purpose, {"hits": "7"}, NOW)
    found = positions.find(db, ACME, purpose)
    assert found is not None
    return found


def advanced(db: Connection, position: Position, cursor: str) -> bool:
    return positions.advance(
        db,
        position,
        {"hits": cursor},
        rows=5,
        remaining=2,
        caught_up_at=None,
        next_at=later(seconds=60),
    )


def test_a_reading_begins_once(db: Connection) -> None:
    assert positions.find(db, ACME, RECONCILE) is None
    assert advanced(db, begun(db), "12")
    assert begun(db).cursors == {"hits": "12"}
    assert begun(db, BACKFILL).cursors == {"hits": "7"}
    assert positions.find(db, GLOBEX, RECONCILE) is None


def test_a_reading_moves_on_only_from_where_it_is(db: Connection) -> None:
    before = begun(db)
    assert advanced(db, before, "12")
    assert not advanced(db, before, "12")
    found = begun(db)
    assert (found.rows, found.remaining, found.next_at) == (5, 2, later(seconds=60))


def test_a_page_is_claimed_by_one(db: Connection) -> None:
    position = begun(db)
    assert positions.claim(db, position, later(seconds=120))
    assert not positions.claim(db, position, later(seconds=120))


def test_a_failure_is_remembered_until_the_next_page(db: Connection) -> None:
    positions.postpone(db, begun(db), later(seconds=9), "down")
    failed = begun(db)
    assert (failed.attempts, failed.last_error, failed.next_at) == (1, "down", later(seconds=9))
    assert advanced(db, failed, "12")
    assert (begun(db).attempts, begun(db).last_error) == (0, None)


def test_a_reading_begun_anew_forgets_how_far_it_was(db: Connection) -> None:
    assert advanced(db, begun(db, BACKFILL), "12")
    positions.begin_anew(db, ACME, BACKFILL, later(days=1))
    found = begun(db, BACKFILL)
    assert (found.cursors, found.rows, found.began_at) == ({}, 0, later(days=1))


def test_when_a_webhook_was_heard_last_never_moves_back(db: Connection) -> None:
    webhooks.heard(db, ACME, later(minutes=5))
    webhooks.unheard(db, ACME, 1, later(minutes=6))
    webhooks.heard(db, ACME, NOW)
    [found] = webhooks.all_webhooks(db)
    assert (found.heard_at, found.unheard) == (later(minutes=5), 0)


def test_a_webhook_is_silent_when_only_polling_tells_for_long(db: Connection) -> None:
    webhooks.heard(db, ACME, NOW)
    webhooks.unheard(db, ACME, 2, later(minutes=5))
    webhooks.unheard(db, ACME, 1, later(minutes=19))
    [found] = webhooks.all_webhooks(db)
    assert (found.connection, found.heard_at, found.unheard) == ("acme", NOW, 3)
    assert not found.silent(later(minutes=19))
    assert found.silent(later(minutes=20))
    webhooks.heard(db, ACME, later(minutes=21))
    [found] = webhooks.all_webhooks(db)
    assert not found.silent(later(hours=9))


def test_a_webhook_is_looked_at_by_one_and_when_it_is_due(db: Connection) -> None:
    assert webhooks.claim(db, ACME, NOW, later(minutes=15))
    assert not webhooks.claim(db, ACME, later(minutes=14), later(minutes=29))
    webhooks.checked(db, ACME, False, "unpublished", "publish it", NOW)
    [found] = webhooks.all_webhooks(db)
    assert (found.ok, found.detail, found.remedy) == (False, "unpublished", "publish it")
    assert webhooks.claim(db, ACME, later(minutes=15), later(minutes=30))


def test_lags_add_up_over_days_and_can_be_read_since_a_day(db: Connection) -> None:
    lags.observe(db, ACME, [(HELD, timedelta(seconds=2)), (HELD, timedelta(seconds=2))], NOW)
    lags.observe(db, ACME, [(HELD, timedelta(seconds=4))], later(days=1))
    assert lags.read(db)["acme", HELD].seen == 3
    assert lags.read(db)["acme", HELD].total == timedelta(seconds=8)
    assert lags.read(db, later(days=1))["acme", HELD].seen == 1
    assert lags.read(db, later(days=2)) == {}


@pytest.mark.parametrize(
    ("seconds", "median"), [([], None), ([1.0] * 4, 0.875), ([1, 1, 1, 9], 0.9167), ([1e6], 86400)]
)
def test_a_quantile_lies_within_its_bucket(
    db: Connection, seconds: list[float], median: float | None
) -> None:
    lags.observe(db, ACME, [(HELD, timedelta(seconds=one)) for one in seconds], NOW)
    found = lags.read(db).get(("acme", HELD), Histogram((0,) * (len(BOUNDS) + 1), timedelta()))
    assert found.quantile(0.5) == (median if median is None else pytest.approx(median, abs=0.001))


def test_a_delivery_brings_its_oldest_news(db: Connection) -> None:
    ada = contact(db)
    old, new = (News(None, later(seconds=one), later(seconds=one + 1)) for one in (1, 5))
    deliveries.bring(db, {ada: old})
    deliveries.replace(db, {ada: {"score": 1}}, NOW)
    deliveries.bring(db, {ada: old})
    deliveries.replace(db, {ada: {"score": 2}}, NOW)
    deliveries.bring(db, {ada: new})
    [due] = deliveries.due(db, ACME, NOW, 9)
    assert due.news == old


def test_what_came_while_a_write_travelled_is_news_since_it_was_sent(db: Connection) -> None:
    ada = contact(db)
    deliveries.replace(db, {ada: {"score": 1}}, NOW)
    deliveries.bring(db, {ada: News(NOW, NOW, NOW)})
    [sent] = deliveries.due(db, ACME, NOW, 9)
    deliveries.replace(db, {ada: {"score": 2}}, NOW)
    deliveries.done(db, sent, later(seconds=3))
    [due] = deliveries.due(db, ACME, later(seconds=3), 9)
    assert due.news == News(None, later(seconds=3), later(seconds=3))


def test_what_polling_told_first_is_counted_by_kind(db: Connection) -> None:
    tallies.add(db, ACME, {"echoes": 2, tallies.POLLED + "page_viewed": 3}, NOW)
    tallies.add(db, ACME, {tallies.POLLED + "page_viewed": 1}, NOW)
    assert tallies.counted(db, tallies.POLLED) == {("acme", "page_viewed"): 4}
