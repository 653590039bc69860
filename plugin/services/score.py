"""Use case: score the next receipts. Results and what is done commit together, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from connectors.activity import BrokenItem, Reading
from connectors.contract import Connector
from plugin.frames import frames
from plugin.storage import connections, contacts, dead_letters, progress
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading
from plugin.storage.inbox import Inbox, Receipt
from plugin.storage.inbox_file import FileInbox
from plugin.storage.vault import Vault, VaultError

from .intake import Intake, count, named, sort_items, store
from .lag import note_receipts
from .plan_actions import score_contacts
from .rescore import LiveScorecard, NoScorecard, live_scorecard

_log = structlog.get_logger()

#: The connector of an id, such as ``registry.load``.
Connectors = Callable[[str], Connector]

#: Parsed receipts by connection name, each reading with its receipt's id.
Readings = Mapping[str, Sequence[tuple[int, Reading]]]

#: What was stored, by connection.
Kept = Sequence[tuple[StoredConnection, Intake]]

#: Scores contacts (our ids), such as ``score_contacts`` and ``score_silently``.
Score = Callable[[Connection, LiveScorecard, Iterable[int], datetime], None]


class UnknownConnector(LookupError):
    """The code for a configured platform is not installed; the message says what was looked for."""


class InboxMismatch(Exception):
    """The inbox is not the one this database was working on; the message says what to do."""


#: No receipt is to blame for these: the work is to be tried again, or a person has to act.
PASSING = (OperationalError, NoScorecard, VaultError, UnknownConnector)


def score_batch(
    inbox: Inbox, engine: Engine, vault: Vault, connectors: Connectors, limit: int, now: datetime
) -> int:
    """Score up to ``limit`` receipts; answers how many, 0 when none waits that is free.

    A receipt that breaks the scoring itself is set aside as a dead letter, alone, so that it
    cannot hold up the others. Raises one of ``PASSING``.
    """
    with for_reading(engine).begin() as connection:
        if not inbox.waiting(connection, 1):
            return 0
        sources = {one.name: one for one in connections.all_connections(connection, vault)}
    with engine.begin() as connection:
        claimed = inbox.claim(connection, limit)
        if done := _score_sound(connection, claimed, sources, connectors, now):
            inbox.done(connection, done)
    return len(done)


def _score_sound(
    connection: Connection,
    claimed: Sequence[Receipt],
    sources: Mapping[str, StoredConnection],
    connectors: Connectors,
    now: datetime,
) -> Sequence[Receipt]:
    """Score the first ones, as many as can be scored together; answers which need it no more."""
    for receipts in _ever_fewer(claimed):
        try:
            with connection.begin_nested():
                return _score(connection, receipts, sources, connectors, now)
        except PASSING:
            raise
        except Exception as error:
            failure = error
    if claimed:
        _set_aside(connection, claimed[0], sources, failure, now)
    return claimed[:1]


def _ever_fewer(receipts: Sequence[Receipt]) -> Iterator[Sequence[Receipt]]:
    while len(receipts) > 1:
        yield receipts
        receipts = receipts[: len(receipts) // 2]
    # The last one twice: at first somebody else may have been storing the same thing.
    yield from [receipts, receipts] if receipts else []


def _score(
    connection: Connection,
    receipts: Sequence[Receipt],
    sources: Mapping[str, StoredConnection],
    connectors: Connectors,
    now: datetime,
) -> list[Receipt]:
    """Score those of the receipts whose contacts nobody else is working on; answers which."""
    readable = [one for one in receipts if one.connection in sources]
    # A connection that was removed since leaves receipts nobody can read any more.
    done = [one for one in receipts if one.connection not in sources]
    found: dict[str, list[tuple[int, Reading]]] = {}
    for name, own in _by_connection(readable).items():
        source = sources[name]
        connector = _connector(connectors, source)
        read = [
            (one, connector.read_webhook(one.headers, one.body, source.settings)) for one in own
        ]
        taken = _free(connection, source.id, read)
        found[name] = [(receipt.id, reading) for receipt, reading in taken]
        done += [receipt for receipt, _ in taken]
    live = live_scorecard(connection)
    keep(connection, sources, found, connectors, live, score_contacts, now)
    note_receipts(connection, sources, found, receipts, now)
    return done


def _by_connection(receipts: Sequence[Receipt]) -> dict[str, list[Receipt]]:
    # In one order for all workers, so that two never wait for each other.
    found: dict[str, list[Receipt]] = {one: [] for one in sorted({r.connection for r in receipts})}
    for receipt in receipts:
        found[receipt.connection].append(receipt)
    return found


def _free(
    connection: Connection, connection_id: int, read: Sequence[tuple[Receipt, Reading]]
) -> list[tuple[Receipt, Reading]]:
    busy = contacts.busy(connection, connection_id, {one for _, it in read for one in named(it)})
    return [(receipt, reading) for receipt, reading in read if busy.isdisjoint(named(reading))]


def _set_aside(
    connection: Connection,
    receipt: Receipt,
    sources: Mapping[str, StoredConnection],
    error: Exception,
    now: datetime,
) -> None:
    # The type alone: a message may quote what the contact typed.
    kind = type(error).__name__
    _log.error("receipt_set_aside", receipt=receipt.id, kind=kind, where=frames(error))
    reason = f"scoring failed: {kind}; this is a fault of Maturo, report it"
    raw = receipt.body[:2_000].decode("utf-8", "replace")
    letters = [(receipt.id, BrokenItem("", 0, reason, raw))]
    dead_letters.bury(connection, sources[receipt.connection].id, letters, now)


def check_inbox(inbox: FileInbox, engine: Engine) -> None:
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
    score: Score,
    now: datetime,
) -> None:
    """Store what the readings of each connection say, and ``score`` whom it concerns."""
    kept = keep_uncounted(connection, sources, readings, connectors, live, score, now)
    count_all(connection, kept, now)


def keep_uncounted(
    connection: Connection,
    sources: Mapping[str, StoredConnection],
    readings: Readings,
    connectors: Connectors,
    live: LiveScorecard,
    score: Score,
    now: datetime,
) -> Kept:
    """``keep`` but for the counts, which are for ``count_all`` at the end of the transaction."""
    intakes = [(sources[name], sort_items(found)) for name, found in readings.items()]
    touched: set[int] = set()
    for source, intake in intakes:
        own_fields = _connector(connectors, source).own_fields(source.settings)
        touched |= store(connection, source, intake, (own_fields, live.tags), now)
    score(connection, live, touched, now)
    return intakes


def count_all(connection: Connection, kept: Kept, now: datetime) -> None:
    """Note what was kept where all workers note it. Whoever has noted keeps the others waiting,
    so nothing that waits for a contact may come after it."""
    for source, intake in kept:
        count(connection, source, intake, now)


def _connector(connectors: Connectors, source: StoredConnection) -> Connector:
    try:
        return connectors(source.connector)
    except LookupError as error:
        raise UnknownConnector(f"connection {source.name}: {error}") from error
