"""A fuse for each contact: one that is written again and again is left alone for a while.

Whatever answers our writes by changes of its own (an automation, a second Maturo, a bug of ours)
must cost a bounded number of calls. Nobody visits so much that a salesperson needs more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, text

from .moments import from_us, to_us
from .tables import connections, contacts, fuses
from .upsert import chunks, upsert

#: So many writes within the window, and no more before it is over.
LIMIT, WINDOW = 60, timedelta(hours=1)
#: In the words of the index, which holds only these.
_BLOWN = text(f"writes >= {LIMIT}")


def written(connection: Connection, contact_ids: Sequence[int], now: datetime) -> None:
    """Count a write of each of these contacts."""
    begun = to_us(now - WINDOW)
    known = {
        row.contact_id: row
        for chunk in chunks(contact_ids)
        for row in connection.execute(
            select(fuses).where(fuses.c.contact_id.in_(chunk), fuses.c.since > begun)
        )
    }
    rows = [
        {"contact_id": one, "since": known[one].since, "writes": known[one].writes + 1}
        if one in known
        else {"contact_id": one, "since": to_us(now), "writes": 1}
        for one in contact_ids
    ]
    upsert(connection, fuses, rows)


def blown(connection: Connection, contact_ids: Sequence[int], now: datetime) -> dict[int, datetime]:
    """Those of the contacts that must rest, and until when."""
    return {
        row.contact_id: from_us(row.since) + WINDOW
        for chunk in chunks(contact_ids)
        for row in connection.execute(
            select(fuses).where(
                fuses.c.contact_id.in_(chunk),
                fuses.c.writes >= LIMIT,
                fuses.c.since > to_us(now - WINDOW),
            )
        )
    }


def resting(connection: Connection, now: datetime) -> list[str]:
    """Every contact that rests now, as ``connection/id``."""
    rows = connection.execute(
        select(connections.c.name, contacts.c.platform_id)
        .select_from(fuses)
        .join(contacts, contacts.c.id == fuses.c.contact_id)
        .join(connections, connections.c.id == contacts.c.connection_id)
        .where(_BLOWN, fuses.c.since > to_us(now - WINDOW))
        .order_by(connections.c.name, contacts.c.id)
    )
    return [f"{row.name}/{row.platform_id}" for row in rows]
