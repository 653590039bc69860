"""P14: what pages cost over 100,000 contacts: server time of each, and bytes to be loaded.

The time is that of the processor, 95 % of requests within; a page is what is sent of it and of
all that it names, compressed where the server compresses it.

    python -m benchmarks.pages [--contacts 100000] [--rounds 40]
"""

from __future__ import annotations

import argparse
import gzip
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from html import unescape
from pathlib import Path

from flask.testing import FlaskClient

from benchmarks.crowd import NAME, crowd
from benchmarks.kit import Reached
from plugin.runtime import Runtime
from tests.pages_kit import add_user, application, sign_in

#: Milliseconds of the processor, 95 % of requests within; bytes of one page with all it names.
MOST_MS, MOST_BYTES = 100.0, 300_000
_NAMED = re.compile(r'(?:href|src)="(/admin/static/[^"#]+)')


@dataclass(frozen=True)
class Cost:
    """What a page costs: milliseconds (half, and 95 % within) and bytes."""

    path: str
    half: float
    most: float
    size: int

    @property
    def ok(self) -> bool:
        return self.most <= MOST_MS and self.size <= MOST_BYTES


def costs(runtime: Runtime, rounds: int) -> Iterator[Cost]:
    """Of every page of the menu, of pages deep in the list, of a search and of a contact."""
    add_user(runtime, "admin")
    client = sign_in(application(runtime), "admin").client
    for path in _paths(runtime, client):
        client.get(path)  # Templates are compiled, scorecards loaded.
        taken = sorted(_milliseconds(client, path) for _ in range(rounds))
        yield Cost(
            path, statistics.median(taken), taken[int(len(taken) * 0.95)], _size(client, path)
        )


def _paths(runtime: Runtime, client: FlaskClient) -> Iterator[str]:
    yield from (entry.path for entry in runtime.manifest.pages)
    contacts = "/admin/contacts"
    yield f"{contacts}?q=c77777"
    yield f"{contacts}?q=acme"
    deep = contacts
    for _ in range(20):
        following = re.findall(r'href="(/admin/contacts\?[^"]*after[^"]*)"', client.get(deep).text)
        if not following:
            break
        deep = unescape(following[-1])
    yield deep
    yield f"{contacts}/{NAME}/7"
    yield f"{contacts}/{NAME}/7/timeline?before=2026-03-20T00:00:00Z"
    yield from ("/api/v1/deliveries", "/api/v1/health")


def _milliseconds(client: FlaskClient, path: str) -> float:
    started = time.process_time()
    answer = client.get(path)
    taken = (time.process_time() - started) * 1000
    assert answer.status_code == 200, (path, answer.status_code)
    return taken


def _size(client: FlaskClient, path: str) -> int:
    text = client.get(path).text
    return len(text.encode()) + sum(_static(client, one) for one in set(_NAMED.findall(text)))


@cache
def _static(client: FlaskClient, path: str) -> int:
    return len(gzip.compress(client.get(path).data))


def measure(quick: bool = False) -> list[Reached]:
    """The dearest of the pages, by time and by bytes."""
    with _measured(2_000 if quick else 100_000, 10 if quick else 20) as found:
        listed = [*found]
    slow, large = max(listed, key=lambda one: one.most), max(listed, key=lambda one: one.size)
    beside = f"half within {slow.half:.0f} ms, {slow.path}"
    return [
        Reached("P14", "dearest page", slow.most, MOST_MS, "ms CPU p95", True, beside),
        Reached("P14", "largest page", large.size, MOST_BYTES, "bytes", True, large.path),
    ]


@contextmanager
def _measured(contacts: int, rounds: int) -> Iterator[Iterator[Cost]]:
    with tempfile.TemporaryDirectory() as folder, crowd(Path(folder), contacts) as runtime:
        yield costs(runtime, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    with _measured(given.contacts, given.rounds) as found:
        print(f"{given.contacts:,} contacts; at most {MOST_MS:.0f} ms and {MOST_BYTES:,} bytes")
        for one in found:
            verdict = "ok" if one.ok else "MISSED"
            print(
                f"{verdict:6} {one.half:7.1f} {one.most:7.1f} ms {one.size:9,} bytes  {one.path}",
                flush=True,
            )


if __name__ == "__main__":
    main()
