"""Scored activities per second on PostgreSQL, by one worker and by four.

Contacts have a past of 20 activities each; every receipt is a page view of one of them at random.
Both run on the same server, one after the other, each on a database of its own; prints the rates,
their ratio, and what proves that nothing was lost or doubled.

    python -m benchmarks.postgresql [--receipts 4000] [--contacts 2000] [--batch 64] [--rounds 3]

The server is the one of the tests: `MATURO_TEST_POSTGRES_URL`, or 127.0.0.1:5432, or one started.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier

from cryptography.fernet import Fernet
from sqlalchemy import func, select

from benchmarks.crowd import NAME, NOW, SCORECARD, body
from benchmarks.kit import Missing, Reached, median_ratio
from plugin.config import Config, load_config
from plugin.runtime import Runtime, open_runtime
from plugin.services.publish import publish
from plugin.services.rescore import live_scorecard
from plugin.services.score import score_batch
from plugin.storage import connections
from plugin.storage.engine import for_reading
from plugin.storage.inbox import Receipt
from plugin.storage.tables import activities
from plugin.worker import rare_collections
from tests import postgres

PAST = 20
WORKERS = 4


@contextmanager
def prepared(given: argparse.Namespace) -> Iterator[Runtime]:
    """An installation whose contacts have their past."""
    with postgres.fresh_database("on") as url, tempfile.TemporaryDirectory() as folder:
        key = Fernet.generate_key().decode()
        config = load_config({}, {"data": folder, "database_url": url, "key": key})
        with open_runtime(config, lambda: NOW) as runtime:
            new = connections.NewConnection(
                NAME, "mautic", {"field_prefix": "maturo_"}, {}, ("secret",), None, None
            )
            with runtime.engine.begin() as connection:
                connections.save(connection, runtime.vault, new, NOW)
            publish(runtime.engine, SCORECARD.read_text(), "b2b", NOW)
            for contact in range(1, given.contacts + 1):
                runtime.inbox.append(Receipt(NAME, NOW, {}, past(contact)))
            work(config, 32)
            yield runtime


def past(contact: int) -> bytes:
    start = NOW - timedelta(days=25)
    steps = range(PAST)
    return body((contact * PAST + n, contact, start + timedelta(hours=11 * n)) for n in steps)


def work(
    config: Config,
    batch: int,
    barrier: Barrier | None = None,
    spent: Synchronized[float] | None = None,
    ended: Synchronized[float] | None = None,
) -> None:
    """Score until nothing waits, beginning when everybody is there.

    Adds the CPU time ``spent``, and says when the last one ``ended``.
    """
    with open_runtime(config, lambda: NOW) as runtime, rare_collections():
        connector = runtime.manifest.connector
        # Compiled and imported before the time counts.
        with for_reading(runtime.engine).begin() as connection:
            live_scorecard(connection)
        connector("mautic")
        if barrier is not None:
            barrier.wait()
        began = time.process_time()
        while left(runtime):
            score_batch(runtime.inbox, runtime.engine, runtime.vault, connector, batch, NOW)
        if spent is not None and ended is not None:
            with spent.get_lock():
                spent.value += time.process_time() - began
                ended.value = max(ended.value, time.monotonic())


def left(runtime: Runtime) -> int:
    with for_reading(runtime.engine).begin() as connection:
        return runtime.inbox.waiting(connection, 1)


def rate(runtime: Runtime, workers: int, given: argparse.Namespace, first: int) -> float:
    """Receipts per second of so many workers."""
    chance = random.Random(first)
    for number in range(first, first + given.receipts):
        contact = chance.randint(1, given.contacts)
        hit = body([(number, contact, NOW - timedelta(hours=1))])
        runtime.inbox.append(Receipt(NAME, NOW, {}, hit))
    context = get_context("spawn")
    barrier, spent, ended = context.Barrier(workers + 1), context.Value("d"), context.Value("d")
    target = (runtime.config, given.batch, barrier, spent, ended)
    processes = [context.Process(target=work, args=target) for _ in range(workers)]
    for process in processes:
        process.start()
    barrier.wait()
    started = time.monotonic()
    for process in processes:
        process.join()
    seconds = ended.value - started
    each = 1000 * spent.value / given.receipts
    print(f"{workers} at work: {seconds:.1f} s, {each:.2f} ms of the workers' CPU an activity")
    return given.receipts / seconds


def measure(quick: bool = False) -> list[Reached]:
    """P12: four workers beside one, and whether every activity was kept exactly once."""
    rounds, receipts, contacts = (1, 800, 800) if quick else (3, 4_000, 2_000)
    return compare(
        argparse.Namespace(rounds=rounds, receipts=receipts, contacts=contacts, batch=64)
    )


def compare(given: argparse.Namespace) -> list[Reached]:
    """The lines of the table; raises ``Missing`` where no server can be had."""
    started = postgres.provide()
    if postgres.server_url() is None:
        raise Missing(postgres.MISSING)
    one: list[float] = []
    four: list[float] = []
    try:
        with prepared(given) as runtime:
            for turn in range(given.rounds):
                one.append(rate(runtime, 1, given, 10**7 * (2 * turn + 1)))
                four.append(rate(runtime, WORKERS, given, 10**7 * (2 * turn + 2)))
            counted = select(func.count()).select_from(activities)
            with runtime.engine.begin() as connection:
                found = connection.execute(counted).scalar_one()
    finally:
        if started is not None:
            started.remove()
    expected = given.contacts * PAST + 2 * given.rounds * given.receipts
    beside = f"{statistics.median(four):,.0f} against {statistics.median(one):,.0f} activities/s"
    ratio = median_ratio(four, one)
    kept = f"{found:,} kept of {expected:,}"
    return [
        Reached("P12", "PostgreSQL: four workers", ratio, 1.8, "×", beside=beside),
        Reached("P12", "lost or doubled", abs(expected - found), 0, "", True, kept),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--receipts", type=int, default=4000)
    parser.add_argument("--contacts", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    print(*compare(parser.parse_args()), sep="\n")


if __name__ == "__main__":
    main()
