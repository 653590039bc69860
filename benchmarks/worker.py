"""Scored activities per second, against bare SQLite writing the very rows that were written.

Each receipt is one page view of a contact drawn at random, who has 50 earlier ones and is scored
anew from all of them by the shipped b2b scorecard. Both sides take turns, in processor time; the
medians and their ratio are printed, then the same in a larger crowd. Ratios travel to other
machines, the rest does not.

    python -m benchmarks.worker [--rounds 5] [--receipts 1024] [--batch 256]
                                [--contacts 10000] [--crowd 100000] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.crowd import crowd, present, receive, score_all
from benchmarks.kit import Reached
from plugin.worker import rare_collections

Rows = Mapping[str, Sequence[tuple[object, ...]]]


@dataclass(frozen=True)
class Rates:
    """Activities per second of every round, ours and bare SQLite's."""

    ours: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return statistics.median(a / b for a, b in zip(self.ours, self.bare, strict=True))


def rates_among(folder: Path, contacts: int, rounds: int, receipts: int, batch: int) -> Rates:
    """The rates of both sides among that many contacts."""
    chance, rates = random.Random(7), Rates()
    with crowd(folder, contacts) as runtime, rare_collections():
        main = folder / "main.db"
        _empty_copy(main, folder / "bare.db")
        for turn in range(rounds + 1):
            before = _last_numbers(main)
            receive(runtime, present(chance, 10**9 + 10**6 * turn, receipts, contacts))
            ours = receipts / _seconds(lambda: score_all(runtime, batch))
            rows = _written(main, before, 10**9 + 10**6 * turn)
            insert = partial(_insert, folder / "bare.db", rows, receipts // batch)
            bare = receipts / _seconds(insert)
            if turn:  # The first round compiles statements and fills caches.
                rates.ours.append(ours)
                rates.bare.append(bare)
    return rates


def measure(quick: bool = False) -> list[Reached]:
    """P4 among few contacts, and P11 among more."""
    rounds, few, many = (3, 2_000, 20_000) if quick else (5, 10_000, 100_000)
    found = []
    for contacts in (few, many):
        with tempfile.TemporaryDirectory() as folder:
            found.append(rates_among(Path(folder), contacts, rounds, 512, 256))
    ours, bare = (statistics.median(side) for side in (found[0].ours, found[0].bare))
    beside = f"bare SQLite {bare:,.0f}/s, {few:,} contacts of 50 activities"
    larger = statistics.median(found[1].ours) / ours
    return [
        Reached("P4", "scoring", ours, 5_000, "/s CPU", beside=beside),
        Reached("P4", "scoring beside bare SQLite", found[0].ratio, 0.25, "×", beside=beside),
        Reached("P11", "among more contacts", larger, 0.8, "×", beside=f"{many:,} against {few:,}"),
    ]


def _seconds(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def _empty_copy(main: Path, copy: Path) -> None:
    with closing(sqlite3.connect(main)) as source, closing(sqlite3.connect(copy)) as target:
        target.execute("PRAGMA journal_mode=WAL")
        for (statement,) in source.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"):
            if "sqlite_" not in statement:
                target.execute(statement)


def _last_numbers(main: Path) -> dict[int, int]:
    with closing(sqlite3.connect(main)) as database:
        return dict(database.execute("SELECT contact_id, last FROM open_entries"))


def _written(main: Path, before: Mapping[int, int], first: int) -> Rows:
    """What the round wrote: its activities, and of their contacts what changes each time."""
    with closing(sqlite3.connect(main)) as database:
        ids = [f"hit:{number}" for number in range(first, first + 100_000)]
        database.execute("CREATE TEMP TABLE own (id TEXT PRIMARY KEY)")
        database.executemany("INSERT INTO own VALUES (?)", [(one,) for one in ids])
        fresh = database.execute(
            "SELECT a.* FROM activities a JOIN own ON a.activity_id = own.id"
        ).fetchall()
        people = {row[2]: row[3] for row in fresh}
        rows: dict[str, list[tuple[object, ...]]] = {"activities": fresh}
        for table in ("open_entries", "scores", "deliveries"):
            rows[table] = _of(database, table, people)
        pages: dict[object, tuple[object, ...]] = {}
        for row in _of(database, "histories ORDER BY begin", people):
            pages[row[0]] = row  # The newest page is the one that was written.
        rows["histories"] = list(pages.values())
        entries = _of(database, "entries", people)
        rows["entries"] = [row for row in entries if row[1] > before[row[0]]]  # type: ignore[operator, index]
    return rows


def _of(
    database: sqlite3.Connection, table: str, people: Mapping[int, int]
) -> list[tuple[object, ...]]:
    name, _, order = table.partition(" ")
    found = database.execute(f"SELECT * FROM {name} {order}")
    return [row for row in found if row[0] in people]


def _insert(path: Path, rows: Rows, batches: int) -> None:
    """Write the rows, durable in as many batches."""
    with closing(sqlite3.connect(path, isolation_level=None)) as bare:
        bare.execute("PRAGMA synchronous=FULL")
        for part in range(batches):
            bare.execute("BEGIN IMMEDIATE")
            for table, found in rows.items():
                some = found[part::batches]
                if some:
                    places = ", ".join("?" * len(some[0]))
                    bare.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({places})", some)
            bare.execute("COMMIT")


def _report(contacts: int, rates: Rates) -> float:
    ours, bare = statistics.median(rates.ours), statistics.median(rates.bare)
    print(f"{contacts:,} contacts with 50 earlier activities each, per second of processor time:")
    print(f"  maturo      {ours:10,.0f} activities")
    print(f"  bare SQLite {bare:10,.0f} activities, the same rows of the same tables")
    print(f"  ratio       {rates.ratio:10.3f}", flush=True)
    return ours


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--receipts", type=int, default=1024)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--contacts", type=int, default=10_000)
    parser.add_argument("--crowd", type=int, default=100_000, help="the larger crowd; 0: none")
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    given = parser.parse_args()
    profiler = cProfile.Profile()
    if given.profile:
        profiler.enable()
    medians = []
    for contacts in filter(None, (given.contacts, given.crowd)):
        with tempfile.TemporaryDirectory() as folder:
            rates = rates_among(Path(folder), contacts, given.rounds, given.receipts, given.batch)
        medians.append(_report(contacts, rates))
    if len(medians) == 2:
        print(f"larger crowd / smaller: {medians[1] / medians[0]:.2f}")
    profiler.disable()
    if given.profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(30)


if __name__ == "__main__":
    main()
