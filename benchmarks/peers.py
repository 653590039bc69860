"""P5: the way of a body to a score that is ready to send, beside job engines doing the same.

The peers get the very fold and the shipped scorecard, and the shortest way to a contact's past: one
pickle a contact in SQLite. Each body is put in by one process; then one worker of ours, or two
processes of theirs, score until nothing waits. Seconds by the clock, because Redis works as well.

    python -m benchmarks.peers
"""

from __future__ import annotations

import os
import pickle
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

from benchmarks.crowd import crowd, present, receive, score_all
from benchmarks.kit import Missing, Reached, median_ratio, wall_seconds
from benchmarks.receiver import free_port
from plugin.runtime import Runtime
from plugin.storage import histories
from plugin.storage.engine import for_reading
from plugin.worker import rare_collections

_CONTACTS = 500
#: Where a peer's worker finds its files and its broker.
FOLDER, BROKER = "MATURO_BENCH_FOLDER", "MATURO_BENCH_BROKER"


def measure(quick: bool = False) -> list[Reached]:
    """Ours against each engine that is there; raises ``Missing`` where none is."""
    if missing := [one for one in ("celery", "huey", "redis") if find_spec(one) is None]:
        raise Missing(f"not installed: {', '.join(missing)}; pip install '.[bench]'")
    rounds, bodies = (2, 200) if quick else (5, 400)
    found: dict[str, list[float]] = {"maturo": [], "celery": [], "huey": []}
    with tempfile.TemporaryDirectory() as folder, rare_collections():
        own = Path(folder) / "own"
        own.mkdir()
        with crowd(own, _CONTACTS) as runtime, _peers(Path(folder), runtime) as put:
            for turn in range(rounds + 1):
                fresh = present(random.Random(turn), 10**9 + 10**6 * turn, bodies, _CONTACTS)
                rates = {"maturo": bodies / wall_seconds(lambda: _ours(runtime, fresh))}  # noqa: B023
                for engine in put:
                    rates[engine] = bodies / wall_seconds(lambda: put[engine](fresh))  # noqa: B023
                for name, rate in rates.items():
                    found[name] += [rate] if turn else []
    return [
        _line(found, "celery", "Celery + Redis, acks_late", 10.0),
        _line(found, "huey", "Huey on SQLite", 5.0),
    ]


def _line(found: dict[str, list[float]], engine: str, name: str, bar: float) -> Reached:
    ratio = median_ratio(found["maturo"], found[engine])
    ours, theirs = statistics.median(found["maturo"]), statistics.median(found[engine])
    beside = f"{ours:,.0f} against {theirs:,.0f} bodies/s by the clock"
    return Reached("P5", f"whole path beside {name}", ratio, bar, "×", beside=beside)


def _ours(runtime: Runtime, bodies: list[bytes]) -> None:
    receive(runtime, bodies)
    score_all(runtime, 256)


@contextmanager
def _peers(folder: Path, runtime: Runtime) -> Iterator[dict[str, Callable[[list[bytes]], None]]]:
    """What puts bodies into each engine and returns when all are scored."""
    if shutil.which("redis-server") is None:
        raise Missing("no redis-server for Celery: install Debian's package redis-server")
    _give_past(runtime, folder / "peer.db")
    os.environ |= {FOLDER: str(folder), BROKER: f"redis://127.0.0.1:{free_port()}/0"}
    port = os.environ[BROKER].rpartition(":")[2].partition("/")[0]
    redis = ["redis-server", "--port", port, "--appendonly", "yes", "--dir", str(folder)]
    celery = ["-m", "celery", "-A", "benchmarks.peer_tasks:by_celery", "worker", "-c", "2"]
    huey = ["-m", "huey.bin.huey_consumer", "benchmarks.peer_tasks.by_huey", "-w", "2"]
    with (
        _process(redis),
        _process([sys.executable, *celery, "-l", "ERROR"]),
        _process([sys.executable, *huey, "-k", "process", "-d", "0.01", "-m", "0.1", "-q"]),
    ):
        time.sleep(1)  # Redis; whoever comes first is served later.
        from benchmarks import peer_tasks

        done = _Done(folder / "peer.db")
        yield {
            "celery": lambda bodies: done.after(peer_tasks.score_by_celery.delay, bodies),
            "huey": lambda bodies: done.after(peer_tasks.score_by_huey, bodies),
        }


class _Done:
    """Counts what the peers have scored."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def after(self, put: Callable[[str], object], bodies: list[bytes]) -> None:
        before = self._count()
        for body in bodies:
            put(body.decode())
        deadline = time.monotonic() + 120
        while self._count() < before + len(bodies):
            if time.monotonic() > deadline:
                raise TimeoutError("a peer's worker stands still")
            time.sleep(0.01)

    def _count(self) -> int:
        with closing(sqlite3.connect(self._path, timeout=30)) as database:
            return int(database.execute("SELECT count(*) FROM outgoing").fetchone()[0])


def _give_past(runtime: Runtime, path: Path) -> None:
    ids = list(range(1, _CONTACTS + 1))
    with for_reading(runtime.engine).begin() as connection:
        found = histories.read_histories(connection, ids)
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE people (contact TEXT PRIMARY KEY, past BLOB)")
        database.execute("CREATE TABLE outgoing (id INTEGER PRIMARY KEY, contact TEXT, score INT)")
        past = {one: (found[one].activities, found[one].facts) for one in ids}
        rows = [(str(one), pickle.dumps(past[one])) for one in ids]
        database.executemany("INSERT INTO people VALUES (?, ?)", rows)


@contextmanager
def _process(command: list[str]) -> Iterator[None]:
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, start_new_session=True, **quiet)  # type: ignore[call-overload]
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    print(*measure(), sep="\n")
