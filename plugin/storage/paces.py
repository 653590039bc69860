"""How a platform bears our calls: what of its budget we use, and whether it is left alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select

from .moments import from_us, to_us
from .tables import connections, paces
from .upsert import upsert

#: From so many failures in a row on the breaker is open: it is the platform, not a mishap.
OPEN_AFTER = 5


@dataclass(frozen=True, slots=True)
class Pace:
    """``share`` of the allowed rate is used; ``failures`` came in a row.

    Nothing is asked before ``rests_until``; the first call after it shows how things are.
    """

    share: float = 1.0
    failures: int = 0
    rests_until: datetime | None = None
    last_error: str = ""

    @property
    def open(self) -> bool:
        """Whether the breaker is: only now and then a call tries whether the platform is back."""
        return self.failures >= OPEN_AFTER


def find(connection: Connection, connection_id: int) -> Pace:
    """The pace of a connection; the full one while nothing failed."""
    row = connection.execute(
        select(paces).where(paces.c.connection_id == connection_id)
    ).one_or_none()
    return Pace() if row is None else _pace(row)


def all_paces(connection: Connection) -> dict[str, Pace]:
    """The paces of the connections that ever failed, by their names."""
    rows = connection.execute(
        select(paces, connections.c.name)
        .join(connections, connections.c.id == paces.c.connection_id)
        .order_by(connections.c.name)
    )
    return {row.name: _pace(row) for row in rows}


def resting(connection: Connection, now: datetime) -> set[int]:
    """The connections (ids) that are to be left alone now."""
    return set(
        connection.execute(
            select(paces.c.connection_id).where(paces.c.rests_until > to_us(now))
        ).scalars()
    )


def save(connection: Connection, connection_id: int, pace: Pace) -> None:
    """Note the pace from now on."""
    rests_until = None if pace.rests_until is None else to_us(pace.rests_until)
    row = {
        "connection_id": connection_id,
        "share_permille": round(pace.share * 1000),
        "failures": pace.failures,
        "rests_until": rests_until,
        "last_error": pace.last_error,
    }
    upsert(connection, paces, [row])


def _pace(row: Row[tuple[int, ...]]) -> Pace:
    rests_until = None if row.rests_until is None else from_us(row.rests_until)
    return Pace(row.share_permille / 1000, row.failures, rests_until, row.last_error)
