"""Use case: score the next receipts. Results and the cursor commit together, or not at all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from connectors.activity import BrokenItem, Reading
from connectors.contract import Connector
from plugin.frames import frames
from plugin.storage import connections, dead_letters, progress
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading
from plugin.storage.inbox import Inbox, Receipt
from plugin.storage.vault import Vault, VaultError

from .intake import sort_items, store
from .plan_actions import score_contacts
from .rescore import LiveScorecard, NoScorecard, live_scorecard

_log = structlog.get_logger()

#: The connector of an id, such as ``registry.load``.
Connectors = Callable[[str], Connector]

#: Parsed receipts by connection name, each reading with its receipt's id.
Readings = Mapping[str, Sequence[tuple[int, Reading]]]


class UnknownConnector(LookupError):
    """The code for a configured platform is not installed; the message says what was looked for."""


class InboxMismatch(Exception):
    """The inbox is not the one this database was working on; the message says what to do."""


#: No receipt is to blame for these: the work is to be tried again, or a person has to act.
PASSING = (OperationalError, NoScorecard, VaultError, UnknownConnector)


def score_batch(
    inbox: Inbox, engine: Engine, vault: Vault, connectors: Connectors, limit: int, now: datetime
) -> int:
    """Score up to ``limit`` receipts; answers how many, 0 when none waits.

    A receipt that breaks the scoring itself is set aside as a dead letter, alone, so that it
    cannot hold up the others. Raises one of ``PASSING``.
    """
    with for_reading(engine).begin() as connection:
        cursor = progress.inbox_cursor(connection)
        sources = {one.name: one for one in connections.all_connections(connection, vault)}
    receipts = inbox.read(cursor, limit)
    while receipts:
        try:
            return _score(engine, cursor, receipts, sources, connectors, now)
        except PASSING:
            raise
        except Exception as error:
            if len(receipts) == 1:
                return _set_aside(engine, cursor, receipts[0], sources, error, now)
            receipts = receipts[: len(receipts) // 2]
    return 0


def _score(
    engine: Engine,
    cursor: int,
    receipts: Sequence[Receipt],
    sources: Mapping[str, StoredConnection],
    connectors: Connectors,
    now: datetime,
) -> int:
    readings = _read(receipts, sources, connectors)
    with engine.begin() as connection:
        if progress.inbox_cursor(connection) != cursor:
            return 0  # Another worker was faster; the next call sees what it left.
        live = live_scorecard(connection)
        touched = keep(connection, sources, readings, connectors, live, now)
        score_contacts(connection, live, touched, now)
        progress.advance_inbox_cursor(connection, receipts[-1].id)
    return len(receipts)


def _set_aside(
    engine: Engine,
    cursor: int,
    receipt: Receipt,
    sources: Mapping[str, StoredConnection],
    error: Exception,
    now: datetime,
) -> int:
    # The type alone: a message may quote what the contact typed.
    kind = type(error).__name__
    _log.error("receipt_set_aside", receipt=receipt.id, kind=kind, where=frames(error))
    reason = f"scoring failed: {kind}; this is a fault of Maturo, report it"
    raw = receipt.body[:2_000].decode("utf-8", "replace")
    with engine.begin() as connection:
        if progress.inbox_cursor(connection) != cursor:
            return 0
        letters = [(receipt.id, BrokenItem("", 0, reason, raw))]
        dead_letters.bury(connection, sources[receipt.connection].id, letters, now)
        progress.advance_inbox_cursor(connection, receipt.id)
    return 1


def check_inbox(inbox: Inbox, engine: Engine) -> None:
    """Bind the databases to each other at the first start; later refuse a foreign or older inbox.

    A restored older inbox would give its next receipts ids below the cursor: they would be
    skipped without a word. Raises ``InboxMismatch``.
    """
    with engine.begin() as connection:
        progress.adopt_inbox_epoch(connection, inbox.epoch())
        epoch, cursor = progress.inbox_epoch(connection), progress.inbox_cursor(connection)
    if epoch != inbox.epoch():
        raise InboxMismatch(
            "inbox.db and main.db do not belong together: restore both from the same backup"
        )
    if cursor > inbox.last_id():
        raise InboxMismatch(
            f"inbox.db ends at receipt {inbox.last_id()}, but main.db has already scored up to "
            f"{cursor}: inbox.db is older. Restore both from the same backup"
        )


def keep(
    connection: Connection,
    sources: Mapping[str, StoredConnection],
    readings: Readings,
    connectors: Connectors,
    live: LiveScorecard,
    now: datetime,
) -> set[int]:
    """Store what the readings of each connection say; answers the contacts to score."""
    touched: set[int] = set()
    for name, found in readings.items():
        source = sources[name]
        own_fields = _connector(connectors, source).own_fields(source.settings)
        touched |= store(connection, source, sort_items(found), (own_fields, live.tags), now)
    return touched


def _read(
    receipts: Sequence[Receipt],
    sources: Mapping[str, StoredConnection],
    connectors: Connectors,
) -> Readings:
    readings: defaultdict[str, list[tuple[int, Reading]]] = defaultdict(list)
    for receipt in receipts:
        # A connection that was removed since leaves receipts nobody can read any more.
        if (source := sources.get(receipt.connection)) is not None:
            reading = _connector(connectors, source).read_webhook(receipt.body)
            readings[receipt.connection].append((receipt.id, reading))
    return readings


def _connector(connectors: Connectors, source: StoredConnection) -> Connector:
    try:
        return connectors(source.connector)
    except LookupError as error:
        raise UnknownConnector(f"connection {source.name}: {error}") from error
