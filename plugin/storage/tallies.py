"""Counts: of what deliveries held beside items, what polling told first, what became of writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from .moments import from_us, to_us
from .tables import connections, tallies
from .upsert import upsert

#: Before a kind: activities of it that polling told first.
POLLED = "polled:"
#: Before an outcome: write-backs that ended so.
SENT = "sent:"
ECHOES, TESTS, ERASED = "echoes", "tests", "of_erased_contacts"


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something came, and when last."""

    seen: int
    last_at: datetime


def add(
    connection: Connection, connection_id: int, counted: Mapping[str, int], now: datetime
) -> None:
    """Add to the counts; names with nothing to add are left alone."""
    upsert(
        connection,
        tallies,
        [
            {
                "connection_id": connection_id,
                "name": name,
                "seen": more,
                "last_at": to_us(now),
            }
            for name, more in sorted(counted.items())
            if more
        ],
        adding=["seen"],
    )


def counted(connection: Connection, prefix: str) -> dict[tuple[str, str], int]:
    """The counts of one sort, ``POLLED`` or ``SENT``, by connection (its name) and the rest."""
    rows = connection.execute(
        select(connections.c.name.label("connection"), tallies.c.name, tallies.c.seen)
        .join(connections, connections.c.id == tallies.c.connection_id)
        .where(tallies.c.name.startswith(prefix))
        .order_by(connections.c.name, tallies.c.name)
    )
    return {(row.connection, row.name.removeprefix(prefix)): row.seen for row in rows}


def read(connection: Connection, connection_id: int) -> dict[str, Tally]:
    """Every count of a connection, by name."""
    rows = connection.execute(select(tallies).where(tallies.c.connection_id == connection_id))
    return {row.name: Tally(row.seen, from_us(row.last_at)) for row in rows}
