"""A page of a platform's own records: its items and the cursors behind it are kept together."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy import Connection, Engine

from connectors.activity import Activity, BrokenItem, Item, Reading
from connectors.contract import HistoryPage
from plugin.frames import frames
from plugin.storage import dead_letters, histories, positions
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading
from plugin.storage.positions import Position

from .plan_actions import score_contacts, score_silently
from .rescore import LiveScorecard, live_scorecard
from .score import PASSING, Connectors, Kept, Score, count_all, keep_uncounted

_log = structlog.get_logger()


class Past(Protocol):
    """Who can be asked for the records, such as a ``Session``."""

    def history(self, cursors: Mapping[str, str], limit: int) -> HistoryPage:
        """The records after the cursors."""
        ...

    def present_cursors(self) -> Mapping[str, str]:
        """Where the records stand now."""
        ...

    def profiles(self, contacts: Sequence[str]) -> Reading:
        """What the platform now knows of these contacts."""
        ...


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a page. ``found`` counts by kind the activities nobody had told before."""

    rows: int
    remaining: int | None
    caught_up: bool
    found: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Keeping:
    """How the items of a page are kept.

    What ``acts`` says no to is scored silently: nothing is done at the platform because of it.
    ``note`` is done along with it, in the same transaction.
    """

    source: StoredConnection
    connectors: Connectors
    acts: Callable[[Item], bool]
    note: Callable[[Connection], None]


def untold(engine: Engine, source: StoredConnection, reading: Reading) -> list[Activity]:
    """The activities of the reading that are not stored yet."""
    told = [item for item in reading.items if isinstance(item, Activity)]
    with for_reading(engine).begin() as connection:
        known = histories.holders(connection, source.id, {one.id for one in told})
    return [one for one in told if one.id not in known]


def counted(activities: Sequence[Activity]) -> Counter[str]:
    """How many there are of each kind."""
    return Counter({one.id: one.kind for one in activities}.values())


def keep_page(
    engine: Engine,
    keeping: Keeping,
    position: Position,
    page: HistoryPage,
    next_at: datetime,
    now: datetime,
) -> bool:
    """Store and score the page and move on behind it, all or nothing.

    False if somebody else moved on since ``position`` was read: then nothing was kept. An item
    that breaks the scoring is set aside as a dead letter, alone. Raises one of ``PASSING``.
    """
    for store in (_store_all, _store_singly):
        try:
            with engine.begin() as connection:
                if not _advance(connection, position, page, next_at, now):
                    return False
                store(connection, keeping, live_scorecard(connection), page.reading, now)
                keeping.note(connection)
                return True
        except PASSING:
            raise
        except Exception as error:
            if store is _store_singly:
                raise
            # The type alone: a message may quote what the contact typed.
            kind, where = type(error).__name__, frames(error)
            _log.error("page_broken", connection=keeping.source.name, kind=kind, where=where)
    raise AssertionError("unreachable")


def _advance(
    connection: Connection, position: Position, page: HistoryPage, next_at: datetime, now: datetime
) -> bool:
    return positions.advance(
        connection,
        position,
        page.cursors,
        rows=page.rows,
        remaining=page.remaining,
        caught_up_at=now if page.caught_up else None,
        next_at=next_at,
    )


def _store_all(
    connection: Connection, keeping: Keeping, live: LiveScorecard, reading: Reading, now: datetime
) -> None:
    """The silent part first: what comes after it acts on top of it."""
    silent = [item for item in reading.items if not keeping.acts(item)]
    acting = [item for item in reading.items if keeping.acts(item)]
    kept: list[Kept] = []
    if silent:
        told = Reading(items=tuple(silent))
        kept.append(_keep(connection, keeping, live, told, score_silently, now))
    rest = replace(reading, items=tuple(acting))
    kept.append(_keep(connection, keeping, live, rest, score_contacts, now))
    for one in kept:
        count_all(connection, one, now)


def _keep(
    connection: Connection,
    keeping: Keeping,
    live: LiveScorecard,
    reading: Reading,
    score: Score,
    now: datetime,
) -> Kept:
    source = keeping.source
    # No receipt holds a page: its letters are told apart by a number that no receipt has.
    readings = {source.name: [(dead_letters.polled(source.id), reading)]}
    sources = {source.name: source}
    return keep_uncounted(connection, sources, readings, keeping.connectors, live, score, now)


def _store_singly(
    connection: Connection, keeping: Keeping, live: LiveScorecard, reading: Reading, now: datetime
) -> None:
    """Each item for itself; one that cannot be scored becomes a dead letter."""
    _store_all(connection, keeping, live, replace(reading, items=()), now)
    for item in reading.items:
        try:
            with connection.begin_nested():
                _store_all(connection, keeping, live, Reading(items=(item,)), now)
        except PASSING:
            raise
        except Exception as error:
            letter = (dead_letters.polled(keeping.source.id), _broken(item, error))
            dead_letters.bury(connection, keeping.source.id, [letter], now)


def _broken(item: Item, error: Exception) -> BrokenItem:
    kind = item.kind if isinstance(item, Activity) else type(item).__name__
    reason = f"scoring failed: {type(error).__name__}; this is a fault of Maturo, report it"
    # The same item has the same number; nobody can tell from it whom the item is about.
    number = zlib.crc32(repr(item).encode())
    return BrokenItem(f"history/{kind}", number, reason, repr(item)[:2_000])
