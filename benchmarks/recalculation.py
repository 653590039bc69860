"""A recalculation under a new scorecard, end to end: read, fold, compare with the ledger, write.

Prints processor seconds, and what they come to for ten million activities (200,000 contacts of 50)
on one core. First under the same text, where no line changes, then with points that differ.

    python -m benchmarks.recalculation [--contacts 20000] [--batch 256]
"""

from __future__ import annotations

import argparse
import csv
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from benchmarks.crowd import NOW, PAST, SCORECARD, crowd
from benchmarks.kit import Missing, Reached, cpu_seconds
from plugin.runtime import Runtime
from plugin.services.publish import publish
from plugin.services.recalculate import recalculate_batch
from plugin.worker import rare_collections

_WHOLE = 10_000_000


def recalculate(runtime: Runtime, source: str, batch: int) -> float:
    """Processor seconds from the publication until every contact has a score by it."""
    publish(runtime.engine, source, "benchmark", NOW)
    started = time.process_time()
    while recalculate_batch(runtime.engine, batch, NOW):
        pass
    return time.process_time() - started


def measure(quick: bool = False) -> list[Reached]:
    """Seconds for ten million activities on one core, and beside DuckDB's sums."""
    contacts = 1_000 if quick else 10_000
    text = SCORECARD.read_text()
    with (
        tempfile.TemporaryDirectory() as folder,
        crowd(Path(folder), contacts) as runtime,
        rare_collections(),
    ):
        ours = statistics.median(recalculate(runtime, text, 256) for _ in range(3))
        theirs = in_duckdb(Path(folder) / "main.db")
    activities = contacts * PAST
    whole = ours * _WHOLE / activities
    beside = f"{activities / ours:,.0f} activities a second of one core"
    than = f"{theirs * _WHOLE / activities:,.1f} s for six of the rules, without ledger or write"
    return [
        Reached("P9", "ten million recalculated", whole, 15, "s CPU", True, beside),
        Reached("P9", "beside DuckDB's SQL", ours / theirs, 5, "×", True, than),
    ]


#: Points, patterns and half lives of six rules, a cap, and a sum for each contact.
_SQL = """
WITH given AS (
  SELECT contact_id, subject, occurred_at, CASE
    WHEN subject LIKE '%pricing%' THEN 6 WHEN subject LIKE '%demo%' THEN 8
    WHEN subject LIKE '%product%' THEN 4 WHEN subject LIKE '%contact%' THEN 5
    WHEN subject LIKE '%careers%' THEN -10 ELSE 1 END AS points,
    row_number() OVER (PARTITION BY contact_id, subject, occurred_at // 86400000000
                       ORDER BY occurred_at, activity_id) AS nth
  FROM activities)
SELECT contact_id, least(sum(points * pow(0.5, ($now - occurred_at) / (30 * 86400e6))), 60)
FROM given WHERE nth <= 3 GROUP BY contact_id
"""


def in_duckdb(main: Path) -> float:
    """Processor seconds of hand-written SQL that reads the rows of activities and sums points."""
    try:
        import duckdb
    except ModuleNotFoundError as error:
        raise Missing("not installed: duckdb; pip install '.[bench]'") from error
    with closing(sqlite3.connect(main)) as database:
        rows = database.execute(
            "SELECT contact_id, coalesce(subject, ''), occurred_at, activity_id FROM activities"
        ).fetchall()
    with duckdb.connect(config={"threads": 1}) as database:
        database.execute(
            "CREATE TABLE activities (contact_id INT, subject TEXT, occurred_at BIGINT, "
            "activity_id TEXT)"
        )
        with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as file:
            csv.writer(file).writerows(rows)
            file.flush()
            database.execute(f"COPY activities FROM '{file.name}' (HEADER false)")
        now = {"now": NOW.timestamp() * 1e6}
        return statistics.median(
            cpu_seconds(lambda: database.execute(_SQL, now).fetchall()) for _ in range(5)
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=256)
    given = parser.parse_args()
    text = SCORECARD.read_text()
    changed = text.replace("points: 6\n", "points: 7\n")
    assert changed != text
    with (
        tempfile.TemporaryDirectory() as folder,
        crowd(Path(folder), given.contacts) as runtime,
        rare_collections(),
    ):
        for name, source in (("no line changes", text), ("other points", changed)):
            seconds = recalculate(runtime, source, given.batch)
            activities = given.contacts * PAST
            print(
                f"{name}: {activities:,} activities in {seconds:.1f} s of one core, "
                f"{activities / seconds:,.0f} a second; "
                f"ten million would take {seconds * _WHOLE / activities:,.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
