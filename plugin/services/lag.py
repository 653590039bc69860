"""The lag: from what happened, over hearing of it and scoring it, to the platform's fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from connectors.activity import Activity, Item, ProfileChange, Reading
from plugin.storage import contacts, deliveries, lags, webhooks
from plugin.storage.connections import StoredConnection
from plugin.storage.deliveries import Delivery, News
from plugin.storage.inbox import Receipt
from plugin.storage.lags import HELD, SCORED, TOLD


def note_receipts(
    connection: Connection,
    sources: Mapping[str, StoredConnection],
    readings: Mapping[str, Sequence[tuple[int, Reading]]],
    receipts: Iterable[Receipt],
    now: datetime,
) -> None:
    """Let the write-backs that came of receipts know since when they are wanted.

    The webhooks that brought them were heard.
    """
    received = {receipt.id: receipt.received_at for receipt in receipts}
    for name, found in readings.items():
        if not found:
            continue
        webhooks.heard(connection, sources[name].id, max(received[id] for id, _ in found))
        told = [(item, received[id]) for id, reading in found for item in reading.items]
        note_items(connection, sources[name], told, now)


def note_items(
    connection: Connection,
    source: StoredConnection,
    told: Iterable[tuple[Item, datetime]],
    now: datetime,
) -> None:
    """The same for items, each with the moment at which we heard of it."""
    oldest: dict[str, News] = {}
    for item, received_at in told:
        if not isinstance(item, Activity | ProfileChange):
            continue
        occurred_at = item.occurred_at if isinstance(item, Activity) else item.at
        news = News(min(occurred_at, received_at), received_at, now)
        before = oldest.setdefault(item.contact, news)
        if received_at < before.received_at:
            oldest[item.contact] = news
    ids = contacts.register(connection, source.id, oldest)
    deliveries.bring(connection, {ids[one]: news for one, news in oldest.items() if one in ids})


def note_lags(
    connection: Connection, source: StoredConnection, held: Iterable[Delivery], now: datetime
) -> None:
    """Count how long it took until the platform held what these deliveries brought."""
    lags.observe(connection, source.id, _taken(held, now), now)


def _taken(held: Iterable[Delivery], now: datetime) -> Iterator[tuple[str, timedelta]]:
    for news in (delivery.news for delivery in held):
        if news is None:
            continue
        if news.occurred_at is not None:
            yield TOLD, news.received_at - news.occurred_at
        yield SCORED, news.scored_at - news.received_at
        yield HELD, now - news.received_at
