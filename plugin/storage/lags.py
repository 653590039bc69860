"""How long news took to reach the platform's fields: histograms for each day, connection, stage."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from .moments import to_us
from .tables import connections, lags
from .upsert import add_up

#: Of the stages: until we heard of it, from there until it was scored, and from hearing of it
#: until the platform held what came of it.
TOLD, SCORED, HELD = "told", "scored", "held"

#: Upper bounds of the buckets in seconds; what takes longer than the last is in one more.
BOUNDS = (
    *(0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0, 15.0, 20.0, 30.0, 45.0),
    *(60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0, 86400.0),
)
_DAY = timedelta(days=1) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many took how long. ``counts`` has one bucket more than there are ``BOUNDS``."""

    counts: tuple[int, ...]
    total: timedelta

    @property
    def seen(self) -> int:
        """How many there were."""
        return sum(self.counts)

    def quantile(self, share: float) -> float | None:
        """Seconds within which that share of them was done, even within a bucket.

        ``None`` if there were none; beyond the last bound that bound.
        """
        wanted, passed = share * self.seen, 0
        for bucket, count in enumerate(self.counts):
            if count and passed + count >= wanted:
                low = BOUNDS[bucket - 1] if bucket else 0.0
                high = BOUNDS[min(bucket, len(BOUNDS) - 1)]
                return low + (high - low) * (wanted - passed) / count
            passed += count
        return None


def observe(
    connection: Connection,
    connection_id: int,
    taken: Iterable[tuple[str, timedelta]],
    now: datetime,
) -> None:
    """Count how long stages took; a clock that runs ahead of ours counts as no time at all."""
    counts, totals = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    for stage, time in taken:
        key = (stage, bisect_left(BOUNDS, time.total_seconds()))
        counts[key] += 1
        totals[key] += max(0, time // timedelta(microseconds=1))
    add_up(
        connection,
        lags,
        [
            {
                "connection_id": connection_id,
                "day": to_us(now) // _DAY,
                "stage": stage,
                "bucket": bucket,
                "seen": counts[stage, bucket],
                "total_us": totals[stage, bucket],
            }
            for stage, bucket in sorted(counts)
        ],
    )


def read(connection: Connection, since: datetime | None = None) -> dict[tuple[str, str], Histogram]:
    """The histogram of each connection (by name) and stage, of all time or since that day."""
    wanted = (
        select(
            connections.c.name,
            lags.c.stage,
            lags.c.bucket,
            func.sum(lags.c.seen).label("seen"),
            func.sum(lags.c.total_us).label("total_us"),
        )
        .join(connections, connections.c.id == lags.c.connection_id)
        .group_by(connections.c.name, lags.c.stage, lags.c.bucket)
        .order_by(connections.c.name, lags.c.stage, lags.c.bucket)
    )
    if since is not None:
        wanted = wanted.where(lags.c.day >= to_us(since) // _DAY)
    found: defaultdict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
    for row in connection.execute(wanted):
        found[row.name, row.stage].append((row.bucket, int(row.seen), int(row.total_us)))
    return {key: _histogram(buckets) for key, buckets in found.items()}


def _histogram(buckets: Sequence[tuple[int, int, int]]) -> Histogram:
    counts = {bucket: seen for bucket, seen, _ in buckets}
    total = timedelta(microseconds=sum(total for _, _, total in buckets))
    return Histogram(tuple(counts.get(one, 0) for one in range(len(BOUNDS) + 1)), total)
