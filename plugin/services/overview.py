"""Use case: how do things stand, at a glance, and what needs somebody?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from plugin.scoring.scorecard import Band
from plugin.storage import actions, connections, deliveries, ranking, scores
from plugin.storage.engine import for_reading
from plugin.storage.inbox import Inbox
from plugin.storage.scores import NamedCrossing

from .health import Health, PlatformHealth, health
from .rescore import NoScorecard, live_scorecard

#: So often in a row polling may fail before somebody should look: platforms are restarted.
_FAILURES = 3
_CROSSINGS = 8


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that needs a person. ``kind`` says what, ``name`` which connection, if one."""

    kind: str
    count: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Overview:
    """``bands`` from the highest down, each with its identified persons."""

    bands: tuple[tuple[Band, int], ...]
    visitors: int
    health: Health
    matters: tuple[Matter, ...]
    crossings: tuple[NamedCrossing, ...]

    @property
    def contacts(self) -> int:
        """How many identified persons have a score."""
        return sum(count for _, count in self.bands)


def overview(engine: Engine, inbox: Inbox, limit: int, now: datetime) -> Overview:
    """Everything of the front page; ``limit`` is the backlog's."""
    found = health(engine, inbox, limit, now)
    with for_reading(engine).begin() as connection:
        counted = ranking.counts(connection)
        return Overview(
            bands=_bands(connection, counted),
            visitors=ranking.count(connection) - ranking.count_identified(connection),
            health=found,
            matters=tuple(matters(found, limit)),
            crossings=tuple(scores.last_crossings(connection, _CROSSINGS)),
        )


def matters(found: Health, limit: int) -> Iterator[Matter]:
    """What of the health needs a person, the connections first."""
    for platform in found.platforms:
        yield from _of_platform(platform)
    counts = {
        "backlog": found.waiting if found.waiting >= limit / 2 else 0,
        "dead_letters": found.dead,
        "refused_writes": found.write_backs.get(deliveries.REFUSED, 0),
        "refused_actions": found.actions.get(actions.REFUSED, 0),
        "unclear_actions": found.actions.get(actions.UNCLEAR, 0),
        "resting_contacts": len(found.resting),
    }
    yield from (Matter(kind, count) for kind, count in counts.items() if count)


def _of_platform(platform: PlatformHealth) -> Iterator[Matter]:
    name, hook, read = platform.connection.name, platform.webhook, platform.reconciled
    if platform.connection.state == connections.NEEDS_AUTHENTICATION:
        yield Matter("needs_authentication", name=name)
    if platform.pace.open:
        yield Matter("left_alone", platform.pace.failures, name)
    if hook is not None and hook.ok is False:
        yield Matter("webhook_off", name=name)
    elif hook is not None and platform.silent:
        yield Matter("webhook_silent", hook.unheard, name)
    if read is not None and read.attempts >= _FAILURES:
        yield Matter("polling_fails", read.attempts, name)


def _bands(connection: Connection, counted: Mapping[str, int]) -> tuple[tuple[Band, int], ...]:
    try:
        card = live_scorecard(connection).card
    except NoScorecard:
        return ()
    return tuple((band, counted.get(band.id, 0)) for band in reversed(card.bands))
