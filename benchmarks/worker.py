"""Scored activities per second, against bare SQLite inserting the same rows in equal batches.

Contacts have a past of 50 activities each; every batch of receipts touches mostly different ones,
so that each receipt costs a fold of a whole history. Both sides take turns; prints medians and
the ratio; only the ratio means anything on another machine.

    python benchmarks/worker.py [--rounds 5] [--receipts 1024] [--batch 256] [--profile]
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from plugin.config import load_config
from plugin.runtime import Runtime, open_runtime
from plugin.services.publish import publish
from plugin.services.score import score_batch
from plugin.storage import connections
from plugin.storage.inbox import Receipt
from plugin.worker import rare_collections

NAME = "acme"
PAST, CONTACTS = 50, 1000
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
PAGES = 40


@dataclass(frozen=True)
class Side:
    """One side's activities per second, of every round."""

    name: str
    rates: list[float]


def scorecard() -> str:
    """Thirty rules: pages with limits and decay, forms, mails, and what the profile says."""
    rules = [_page_rule(number) for number in range(20)]
    fields = [_field_rule(number, name) for number, name in enumerate(_FIELDS)]
    return "\n".join([_HEAD, *rules, _FIT, *fields, _TAIL])


_HEAD = """name: {en: Benchmark, fr: Mesure}
timezone: Europe/Paris
groups:
  - id: pages
    dimension: engagement
    label: {en: Pages, fr: Pages}
    cap: 60
    rules:"""
_FIT = """  - id: profile
    dimension: fit
    label: {en: Profile, fr: Profil}
    cap: 40
    rules:"""
_TAIL = """bands:
  - {id: cold, label: {en: Cold, fr: Froid}, tag: maturo-cold}
  - {id: warm, label: {en: Warm, fr: Tiède}, enter: 22, leave: 18, tag: maturo-warm}"""
_FIELDS = ("company", "phone", "city", "country", "position", "website", "mobile", "title", "zip")


def _page_rule(number: int) -> str:
    return f"""      - id: page-{number}
        kind: activity
        label: {{en: Page {number}, fr: Page {number}}}
        points: {number % 5 + 1}
        activity: page_viewed
        url: "*/page-{number}"
        limit: {{times: {number % 3 + 1}, per: {("day", "7d")[number % 2]}}}
        decay: {{half_life: 30d}}"""


def _field_rule(number: int, name: str) -> str:
    return f"""      - id: has-{number}
        kind: field
        label: {{en: Has {name}, fr: A {name}}}
        points: 3
        if: {{field: {name}, present: true}}"""


def body(hits: Iterable[tuple[int, int, datetime]]) -> bytes:
    """Page views (number, contact, moment) in one body as Mautic tells them."""
    return json.dumps({"mautic.page_on_hit": [_hit(*one) for one in hits]}).encode()


def _hit(number: int, contact: int, at: datetime) -> dict[str, object]:
    page = f"https://www.shop.example/page-{number % PAGES}"
    moment = at.isoformat(timespec="seconds")
    values = {"email": f"c{contact}@example.org", "company": "Acme", "city": "Lyon"}
    core = {name: {"alias": name, "value": value} for name, value in values.items()}
    hit = {
        "id": number,
        "dateHit": moment,
        "url": page,
        "urlTitle": "A page",
        "code": 200,
        "query": {},
        "trackingId": f"{contact:024x}",
        "lead": {"id": contact, "fields": {"core": core}},
    }
    return {"hit": hit, "timestamp": moment}


@contextmanager
def installed(folder: Path) -> Iterator[Runtime]:
    """An installation with one connection and the scorecard in force."""
    with open_runtime(load_config({}, {"data": str(folder)}), lambda: NOW) as runtime:
        new = connections.NewConnection(
            NAME, "mautic", {"field_prefix": "maturo_"}, {}, ("secret",), None, None
        )
        with runtime.engine.begin() as connection:
            connections.save(connection, runtime.vault, new, NOW)
        publish(runtime.engine, scorecard(), "benchmark", NOW)
        yield runtime


def receive(runtime: Runtime, bodies: Sequence[bytes]) -> None:
    """Put bodies into the inbox as the receiver would, without its web server."""
    for one in bodies:
        runtime.inbox.append(Receipt(NAME, NOW, {}, one))


def score_all(runtime: Runtime, batch: int) -> float:
    """Seconds until nothing waits."""
    started = time.perf_counter()
    while score_batch(
        runtime.inbox, runtime.engine, runtime.vault, runtime.manifest.connector, batch, NOW
    ):
        pass
    return time.perf_counter() - started


def insert_all(path: Path, bodies: Sequence[bytes], batch: int) -> float:
    """Seconds bare SQLite takes to store the same activities, durable in the same batches."""
    bare = sqlite3.connect(path, isolation_level=None)
    bare.execute("PRAGMA journal_mode=WAL")
    bare.execute("PRAGMA synchronous=FULL")
    bare.execute("CREATE TABLE IF NOT EXISTS a (id INTEGER PRIMARY KEY, contact, at, kind, body)")
    started = time.perf_counter()
    for start in range(0, len(bodies), batch):
        rows = [(1, 1, "page_viewed", one) for one in bodies[start : start + batch]]
        bare.execute("BEGIN IMMEDIATE")
        bare.executemany("INSERT INTO a (contact, at, kind, body) VALUES (?, ?, ?, ?)", rows)
        bare.execute("COMMIT")
    seconds = time.perf_counter() - started
    bare.close()
    return seconds


def compare(folder: Path, rounds: int, receipts: int, batch: int) -> tuple[Side, Side]:
    """The rates of both sides, which take turns."""
    chance = random.Random(7)
    ours, bare = Side("maturo", []), Side("bare SQLite", [])
    with installed(folder) as runtime, rare_collections():
        receive(runtime, list(_past()))
        seconds = score_all(runtime, 64)
        print(f"past of {CONTACTS} contacts: {CONTACTS * PAST / seconds:,.0f} activities/s")
        for turn in range(rounds):
            bodies = list(_present(chance, 10**6 * (turn + 1), receipts))
            receive(runtime, bodies)
            ours.rates.append(receipts / score_all(runtime, batch))
            bare.rates.append(receipts / insert_all(folder / "bare.db", bodies, batch))
    return ours, bare


def _past() -> Iterator[bytes]:
    start = NOW - timedelta(days=25)
    for contact in range(1, CONTACTS + 1):
        yield body(
            (contact * PAST + step, contact, start + timedelta(hours=11 * step))
            for step in range(PAST)
        )


def _present(chance: random.Random, first: int, count: int) -> Iterator[bytes]:
    for number in range(first, first + count):
        yield body([(number, chance.randint(1, CONTACTS), NOW - timedelta(hours=1))])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--receipts", type=int, default=1024)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--profile", action="store_true", help="print where the time goes")
    given = parser.parse_args()
    profiler = cProfile.Profile()
    with tempfile.TemporaryDirectory() as folder:
        if given.profile:
            profiler.enable()
        ours, bare = compare(Path(folder), given.rounds, given.receipts, given.batch)
        profiler.disable()
    for side in (ours, bare):
        print(f"{side.name:12} {statistics.median(side.rates):10,.0f} activities/s (median)")
    ratio = statistics.median(a / b for a, b in zip(ours.rates, bare.rates, strict=True))
    print(f"ratio        {ratio:10.4f}")
    if given.profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(30)


if __name__ == "__main__":
    main()
