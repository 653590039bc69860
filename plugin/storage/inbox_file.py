"""The inbox beside SQLite.

``inbox.db`` is a file of its own, written by the receiver only: beside a busy worker one shared
file stalled the receiver to a p99 of 31 s, two files kept it below 20 ms.
"""

from __future__ import annotations

import secrets
import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import cache, cached_property
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    delete,
    select,
    text,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.schema import CreateTable

from .commits import Crowded, GroupCommit
from .engine import for_reading, let_go
from .inbox import READ_BYTES, Broken, InboxFull, Receipt
from .moments import from_us, to_us
from .progress import advance_inbox_cursor, inbox_cursor
from .upsert import chunks

inbox_metadata = MetaData()

_receipts = Table(
    "receipts",
    inbox_metadata,
    Column("id", Integer, primary_key=True),
    Column("connection", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    # An id is never issued twice, so a cursor skips nothing after the newest rows were deleted.
    sqlite_autoincrement=True,
)
_meta = Table(
    "inbox_meta",
    inbox_metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

#: After these the same open file may work again: no space, or somebody else holds the lock.
_PASSING = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


_Row = tuple[str, int, str, bytes]


class FileInbox:
    """The append-only file of receipts; safe to use from many threads.

    ``waiting_limit`` bounds the appends waiting at one time. ``on_commit(rows, seconds)`` is called
    after each commit; ``on_broken()`` by every thread that meets ``Broken``;
    it may end the process.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        waiting_limit: int = 256,
        on_commit: Callable[[int, float], None] | None = None,
        on_broken: Callable[[], None] | None = None,
    ) -> None:
        self._engine = engine
        self._reading = for_reading(engine)
        self._on_commit = on_commit
        self._on_broken = on_broken
        self._broken: Broken | None = None
        self._commits = GroupCommit(self._store, waiting_limit)
        self._epoch = _prepare(engine)

    def append(self, receipt: Receipt) -> int:
        """The id of the receipt, once it is on disk: no loss of power takes it away any more.

        Raises ``InboxFull`` or ``Broken``; then the receipt was not acknowledged and must not be.
        """
        try:
            return self._commits.append(_row(receipt))
        except Crowded as error:
            raise InboxFull(str(error)) from error
        except Broken:
            if self._on_broken is not None:
                self._on_broken()
            raise

    def read(self, after: int, limit: int) -> list[Receipt]:
        """Up to ``limit`` receipts with an id above ``after``, oldest first.

        Fewer when their bodies are huge, never none while there is one.
        """
        wanted = select(_receipts).where(_receipts.c.id > after).order_by(_receipts.c.id)
        found: list[Receipt] = []
        size = 0
        with self._reading.connect() as connection:
            for row in connection.execute(wanted.limit(limit)):
                found.append(_receipt(row))
                size += len(row.body)
                if size >= READ_BYTES:
                    break
        return found

    def claim(self, connection: Connection, limit: int) -> list[Receipt]:
        """Up to ``limit`` receipts behind the cursor; whoever may write the cursor is alone."""
        return self.read(inbox_cursor(connection), limit)

    def done(self, connection: Connection, receipts: Sequence[Receipt]) -> None:
        """Move the cursor behind these receipts, the first ones that were claimed, in any order."""
        advance_inbox_cursor(connection, max(one.id for one in receipts))

    def waiting(self, connection: Connection, limit: int) -> int:
        """How many receipts are behind the cursor, up to ``limit``."""
        return min(limit, self.backlog(inbox_cursor(connection)))

    def oldest(self, connection: Connection) -> datetime | None:
        """When the first receipt behind the cursor came."""
        first = select(_receipts.c.received_at).where(_receipts.c.id > inbox_cursor(connection))
        with self._reading.connect() as own:
            found = own.execute(first.order_by(_receipts.c.id).limit(1)).scalar()
        return None if found is None else from_us(found)

    def expire(self, connection: Connection, before: datetime, limit: int) -> int:
        """Delete the receipts before the cursor that came before, among the ``limit`` oldest."""
        # Few at a time: the receiver waits meanwhile.
        oldest = select(_receipts.c.id).order_by(_receipts.c.id).limit(limit)
        return self._delete(
            _receipts.c.id.in_(oldest),
            _receipts.c.id <= inbox_cursor(connection),
            _receipts.c.received_at < to_us(before),
        )

    def discard(self, connection: Connection, receipt_ids: Collection[int]) -> int:
        """Delete those of these receipts that are before the cursor, for good."""
        done = [one for one in receipt_ids if one <= inbox_cursor(connection)]
        deleted = sum(self._delete(_receipts.c.id.in_(chunk)) for chunk in chunks(done))
        let_go(self._engine)
        return deleted

    def last_id(self) -> int:
        """The newest id ever issued, also when its row was deleted since; 0 before the first."""
        with self._reading.connect() as connection:
            issued = connection.execute(
                text("SELECT seq FROM sqlite_sequence WHERE name = 'receipts'")
            ).scalar()
        return int(issued or 0)

    def backlog(self, after: int) -> int:
        """How many receipts were issued after that id; ids have no gaps."""
        return max(0, self.last_id() - after)

    def epoch(self) -> str:
        """Made once with the file: a cursor kept under another epoch means nothing here."""
        return self._epoch

    def check(self) -> None:
        """Raise ``InboxFull`` or ``Broken`` unless the file can be opened for writing now."""
        self._refuse_when_broken()
        try:
            with self._engine.begin():
                pass
        except DBAPIError as error:
            raise _meaning(error) from error

    def close(self) -> None:
        """Give back the file; no append may follow."""
        if "_writer" in self.__dict__:
            self._writer.close()
        self._engine.dispose()

    @cached_property
    def _writer(self) -> Any:
        # The bare driver connection, in autocommit: one statement is the whole transaction, and
        # the interpreter's lock is given away once. Only the leader of the moment touches it.
        return self._engine.raw_connection()

    def _store(self, batch: Sequence[_Row]) -> int:
        self._refuse_when_broken()
        started = time.perf_counter()
        try:
            last: int = self._writer.driver_connection.execute(
                _insert_statement(len(batch)), [value for row in batch for value in row]
            ).lastrowid
        except Exception as error:
            failure = _meaning(error)
            self._broken = failure if isinstance(failure, Broken) else None
            raise failure from error
        if self._on_commit is not None:
            self._on_commit(len(batch), time.perf_counter() - started)
        return last - len(batch) + 1

    def _delete(self, *which: ColumnElement[bool]) -> int:
        with self._engine.begin() as own:
            return own.execute(delete(_receipts).where(*which)).rowcount

    def _refuse_when_broken(self) -> None:
        if self._broken is not None:
            raise Broken(*self._broken.args) from self._broken


def _prepare(engine: Engine) -> str:
    with engine.begin() as connection:
        for table in inbox_metadata.sorted_tables:
            connection.execute(CreateTable(table, if_not_exists=True))
        made = insert(_meta).values(key="epoch", value=secrets.token_hex(8))
        connection.execute(made.on_conflict_do_nothing())
        found: str = connection.execute(
            select(_meta.c.value).where(_meta.c.key == "epoch")
        ).scalar_one()
    return found


@cache
def _insert_statement(rows: int) -> str:
    places = ", ".join(["(?, ?, ?, ?)"] * rows)
    return f"INSERT INTO receipts (connection, received_at, headers, body) VALUES {places}"  # noqa: S608


def _row(receipt: Receipt) -> _Row:
    return (
        receipt.connection,
        to_us(receipt.received_at),
        orjson.dumps(receipt.headers).decode(),
        receipt.body,
    )


def _receipt(row: Row[Any]) -> Receipt:
    return Receipt(
        row.connection, from_us(row.received_at), orjson.loads(row.headers), row.body, row.id
    )


def _meaning(error: Exception) -> InboxFull | Broken:
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in _PASSING:
        return InboxFull(f"the inbox cannot be written now: {cause}")
    return Broken(f"the inbox failed: {cause}; the process must end and be started anew")
