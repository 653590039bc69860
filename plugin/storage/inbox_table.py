"""The inbox in PostgreSQL, beside the main tables: any number of receivers and workers share it.

Each receipt is a commit of its own: the server puts those of many sessions on the disk together.
Waiting receipts are those not done, not those behind a cursor: numbers are given before a commit,
so a smaller one may appear later.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    Index,
    LargeBinary,
    MetaData,
    Row,
    Select,
    Table,
    Text,
    delete,
    false,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from .inbox import READ_BYTES, InboxFull, Receipt
from .locks import alone
from .moments import from_us, to_us
from .upsert import chunks

inbox_metadata = MetaData()

_receipts = Table(
    "receipts",
    inbox_metadata,
    Column("id", BigInteger, primary_key=True),
    Column("connection", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("headers", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("done", Boolean, nullable=False, server_default=false()),
)
_waits = _receipts.c.done.is_(False)
Index("receipts_waiting", _receipts.c.id, postgresql_where=_waits)


class TableInbox:
    """Receipts as rows. ``on_commit(rows, seconds)`` is called after each commit."""

    def __init__(
        self, engine: Engine, *, on_commit: Callable[[int, float], None] | None = None
    ) -> None:
        self._engine = engine
        self._appending = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._on_commit = on_commit
        with engine.begin() as connection:
            alone(connection, "migrations")
            inbox_metadata.create_all(connection)

    def append(self, receipt: Receipt) -> int:
        """The id of the receipt, once the server has it on its disk. Raises ``InboxFull``."""
        started = time.perf_counter()
        statement = insert(_receipts).values(_row(receipt)).returning(_receipts.c.id)
        try:
            with self._appending.connect() as connection:
                issued: int = connection.execute(statement).scalar_one()
        except (DBAPIError, PoolTimeout) as error:
            raise _unavailable(error) from error
        if self._on_commit is not None:
            self._on_commit(1, time.perf_counter() - started)
        return issued

    def claim(self, connection: Connection, limit: int) -> list[Receipt]:
        """Up to ``limit`` waiting receipts that no other transaction has, oldest first."""
        waiting = _lengths().where(_waits).limit(limit).with_for_update(skip_locked=True)
        return _read(connection, waiting)

    def done(self, connection: Connection, receipts: Sequence[Receipt]) -> None:
        """Mark these claimed receipts."""
        for chunk in chunks([one.id for one in receipts]):
            connection.execute(update(_receipts).where(_receipts.c.id.in_(chunk)).values(done=True))

    def waiting(self, connection: Connection, limit: int) -> int:
        """How many receipts are not done, up to ``limit``."""
        some = select(_receipts.c.id).where(_waits).limit(limit).subquery()
        counted = connection.execute(select(func.count()).select_from(some))
        return counted.scalar_one()

    def oldest(self, connection: Connection) -> datetime | None:
        """When the first receipt that is not done came."""
        first = select(_receipts.c.received_at).where(_waits).order_by(_receipts.c.id).limit(1)
        found = connection.execute(first).scalar()
        return None if found is None else from_us(found)

    def expire(self, connection: Connection, before: datetime, limit: int) -> int:
        """Delete the receipts that are done and came before, among the ``limit`` oldest."""
        oldest = select(_receipts.c.id).order_by(_receipts.c.id).limit(limit)
        statement = delete(_receipts).where(
            _receipts.c.id.in_(oldest), ~_waits, _receipts.c.received_at < to_us(before)
        )
        return connection.execute(statement).rowcount

    def discard(self, connection: Connection, receipt_ids: Collection[int]) -> int:
        """Delete those of these receipts that are done."""
        return sum(
            connection.execute(delete(_receipts).where(_receipts.c.id.in_(chunk), ~_waits)).rowcount
            for chunk in chunks(list(receipt_ids))
        )

    def read(self, after: int, limit: int) -> list[Receipt]:
        """Up to ``limit`` receipts with an id above ``after``, whether they wait or not, in order.

        Fewer when their bodies are huge, never none while there is one.
        """
        with self._engine.connect() as connection:
            return _read(connection, _lengths().where(_receipts.c.id > after).limit(limit))

    def last_id(self) -> int:
        """The newest id; 0 before the first."""
        with self._engine.connect() as connection:
            newest = connection.execute(select(func.max(_receipts.c.id))).scalar_one()
        return int(newest or 0)

    def check(self) -> None:
        """Raise ``InboxFull`` unless the server answers and takes writes."""
        try:
            with self._engine.connect() as connection:
                stands_by = connection.execute(select(func.pg_is_in_recovery())).scalar_one()
        except (DBAPIError, PoolTimeout) as error:
            raise _unavailable(error) from error
        if stands_by:
            raise InboxFull("the PostgreSQL server is a stand-by: it takes no receipts")

    def close(self) -> None:
        """Close the sessions; no append may follow."""
        self._engine.dispose()


def _lengths() -> Select[Any]:
    return select(_receipts.c.id, func.octet_length(_receipts.c.body)).order_by(_receipts.c.id)


def _read(connection: Connection, lengths: Select[Any]) -> list[Receipt]:
    ids: list[int] = []
    size = 0
    for receipt_id, length in connection.execute(lengths):
        ids.append(receipt_id)
        size += length
        if size >= READ_BYTES:
            break
    return [
        _receipt(row)
        for chunk in chunks(ids)
        for row in connection.execute(
            select(_receipts).where(_receipts.c.id.in_(chunk)).order_by(_receipts.c.id)
        )
    ]


def _row(receipt: Receipt) -> dict[str, Any]:
    return {
        "connection": receipt.connection,
        "received_at": to_us(receipt.received_at),
        "headers": orjson.dumps(receipt.headers).decode(),
        "body": receipt.body,
    }


def _receipt(row: Row[Any]) -> Receipt:
    moment = from_us(row.received_at)
    return Receipt(row.connection, moment, orjson.loads(row.headers), row.body, row.id)


def _unavailable(error: Exception) -> InboxFull:
    # The type alone: the server's words may quote the row.
    kind = type(error.orig if isinstance(error, DBAPIError) else error).__name__
    return InboxFull(f"the PostgreSQL server cannot take receipts now: {kind}")
