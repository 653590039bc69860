"""Receipts: the inbound bodies, durable before the platform hears "2xx".

What an inbox is; ``inbox_file`` is the one beside SQLite, ``inbox_table`` the one in PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

#: One reading holds about this many body bytes at most, however many rows were asked for.
READ_BYTES = 32_000_000


class InboxFull(Exception):
    """Nothing was stored and a later try may succeed: no space, no lock, or too many waiting."""


class Broken(Exception):
    """The inbox failed; what it holds is unknown until a new process opens it.

    A failed fsync is never repeated: the kernel may have dropped the pages and then report success
    (PostgreSQL met this in 2018: https://wiki.postgresql.org/wiki/Fsync_Errors).
    """


@dataclass(frozen=True, slots=True)
class Receipt:
    """One authentic inbound body as it travelled. ``id`` is 0 until the inbox issued one."""

    connection: str
    received_at: datetime
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    id: int = 0


class Inbox(Protocol):
    """Where receipts wait to be scored; safe to use from many threads.

    What takes a ``connection`` works in a transaction of the main database.
    """

    def append(self, receipt: Receipt) -> int:
        """The id of the receipt, once it is on disk: no loss of power takes it away any more.

        Raises ``InboxFull`` or ``Broken``; then the receipt was not acknowledged and must not be.
        """
        ...

    def claim(self, connection: Connection, limit: int) -> list[Receipt]:
        """Up to ``limit`` receipts that wait, oldest first; nobody else gets them meanwhile.

        Fewer when their bodies are huge. Those that are not ``done`` wait again afterwards.
        """
        ...

    def done(self, connection: Connection, receipts: Sequence[Receipt]) -> None:
        """Note that these claimed receipts need not be scored any more."""
        ...

    def waiting(self, connection: Connection, limit: int) -> int:
        """How many receipts wait; it is not counted beyond ``limit``."""
        ...

    def oldest(self, connection: Connection) -> datetime | None:
        """When the receipt came that waits longest; ``None`` when none waits."""
        ...

    def expire(self, connection: Connection, before: datetime, limit: int) -> int:
        """Delete the receipts that came before and wait no more, among the ``limit`` oldest.

        Answers how many.
        """
        ...

    def discard(self, connection: Connection, receipt_ids: Collection[int]) -> int:
        """Delete those of these receipts that wait no more, for good; answers how many."""
        ...

    def read(self, after: int, limit: int) -> list[Receipt]:
        """Up to ``limit`` receipts with an id above ``after``, whether they wait or not, in order.

        Fewer when their bodies are huge, never none while there is one.
        """
        ...

    def last_id(self) -> int:
        """The newest id; 0 before the first."""
        ...

    def check(self) -> None:
        """Raise ``InboxFull`` or ``Broken`` unless the inbox can be written now."""
        ...

    def close(self) -> None:
        """Give everything back; no append may follow."""
        ...
