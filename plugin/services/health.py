"""Use case: how everything is: what waits, how long news takes, how each platform bears us."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from plugin.storage import (
    actions,
    connections,
    dead_letters,
    deliveries,
    fuses,
    inquiries,
    lags,
    paces,
    positions,
    tallies,
    webhooks,
)
from plugin.storage.connections import KnownConnection
from plugin.storage.engine import for_reading
from plugin.storage.inbox import Inbox
from plugin.storage.paces import Pace
from plugin.storage.positions import Position
from plugin.storage.webhooks import StoredWebhook


@dataclass(frozen=True, slots=True)
class Lag:
    """Seconds within which half, and 95 %, of so many pieces of news passed a stage."""

    p50: float
    p95: float
    seen: int


@dataclass(frozen=True, slots=True)
class PlatformHealth:
    """What was noted lately about a connection; no platform is asked.

    ``lags`` are those since yesterday, by stage (``told``, ``scored``, ``held``). ``sent`` counts
    write-backs by outcome, ``polled`` the activities by kind that polling told first. ``silent``:
    things happen there and the webhook does not tell them.
    """

    connection: KnownConnection
    lags: Mapping[str, Lag]
    webhook: StoredWebhook | None
    silent: bool
    pace: Pace
    sent: Mapping[str, int]
    polled: Mapping[str, int]
    reconciled: Position | None
    backfill: Position | None
    removals: Position | None


@dataclass(frozen=True, slots=True)
class Health:
    """Of the whole installation. ``waiting`` receipts are not counted beyond the limit.

    ``oldest`` is how long the receipt that came first waits. ``resting`` contacts were written so
    often that they are left alone for a while.
    """

    waiting: int
    oldest: timedelta
    write_backs: Mapping[str, int]
    actions: Mapping[str, int]
    questions: int
    dead: int
    resting: tuple[str, ...]
    platforms: tuple[PlatformHealth, ...]


def health(engine: Engine, inbox: Inbox, limit: int, now: datetime) -> Health:
    """How everything is now; removed connections are left out."""
    with for_reading(engine).begin() as connection:
        oldest = inbox.oldest(connection)
        return Health(
            waiting=inbox.waiting(connection, limit),
            oldest=max(now - oldest, timedelta()) if oldest else timedelta(),
            write_backs=deliveries.counts(connection),
            actions=actions.counts(connection),
            questions=inquiries.count(connection),
            dead=dead_letters.count(connection),
            resting=tuple(fuses.resting(connection, now)),
            platforms=tuple(_platforms(connection, now)),
        )


def _platforms(connection: Connection, now: datetime) -> list[PlatformHealth]:
    found = [one for one in connections.known(connection) if one.state != connections.REMOVED]
    heard = {one.connection: one for one in webhooks.all_webhooks(connection)}
    borne = paces.all_paces(connection)
    taken = lags.read(connection, now - timedelta(days=1))
    sent = tallies.counted(connection, tallies.SENT)
    polled = tallies.counted(connection, tallies.POLLED)
    read = {
        purpose: positions.of_purpose(connection, purpose)
        for purpose in (positions.RECONCILE, positions.BACKFILL, positions.REMOVALS)
    }
    return [
        PlatformHealth(
            connection=one,
            lags=_lags({stage: lag for (name, stage), lag in taken.items() if name == one.name}),
            webhook=heard.get(one.name),
            silent=one.name in heard and heard[one.name].silent(now),
            pace=borne.get(one.name, Pace()),
            sent=_of(one.name, sent),
            polled=_of(one.name, polled),
            reconciled=read[positions.RECONCILE].get(one.name),
            backfill=read[positions.BACKFILL].get(one.name),
            removals=read[positions.REMOVALS].get(one.name),
        )
        for one in found
    ]


def _of(name: str, counted: Mapping[tuple[str, str], int]) -> dict[str, int]:
    return {rest: seen for (connection, rest), seen in counted.items() if connection == name}


def _lags(found: Mapping[str, lags.Histogram]) -> dict[str, Lag]:
    taken = {
        stage: (one.quantile(0.5), one.quantile(0.95), one.seen) for stage, one in found.items()
    }
    return {
        stage: Lag(p50, p95, seen)
        for stage, (p50, p95, seen) in taken.items()
        if p50 is not None and p95 is not None
    }
