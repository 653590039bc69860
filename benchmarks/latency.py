"""P3: how long deliveries take at a steady 200 a second, beside a worker that has a lot to do.

An open loop: each is sent when its time has come, however late the ones before are, and its time
counts from there. The worker is stopped every other round and goes on with its backlog after it.

    python -m benchmarks.latency
"""

from __future__ import annotations

import os
import random
import selectors
import signal
import socket
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

from benchmarks.crowd import NAME, NOW, crowd, present
from benchmarks.kit import Missing, Reached, in_turns, median_ratio
from benchmarks.memory import running
from benchmarks.receiver import PAYLOADS, free_port, recorded, served
from plugin.runtime import Runtime
from plugin.storage.engine import for_reading
from plugin.storage.moments import to_us

_CONTACTS, _PER_SECOND = 2_000, 200


def measure(quick: bool = False) -> list[Reached]:
    """The 99th percentile beside a busy worker, in proportion to the one without."""
    rounds, seconds, backlog = (2, 1.5, 12_000) if quick else (7, 5.0, 60_000)
    messages = recorded(PAYLOADS, "secret")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        runtime = stack.enter_context(crowd(folder / "busy", _CONTACTS))
        # Another installation: a worker that is stopped in its middle may hold locks.
        other = stack.enter_context(crowd(folder / "alone", 1))
        busy_port, other_port = (stack.enter_context(_received(one)) for one in (runtime, other))
        _await_scoring(runtime, backlog)
        worker = stack.enter_context(running(str(folder / "busy"), "worker"))
        while _waiting(runtime) == backlog:
            time.sleep(0.1)  # It imports and opens.

        def beside(signal_number: signal.Signals, port: int) -> float:
            os.kill(worker, signal_number)
            return p99(port, seconds, messages)

        busy, alone = in_turns(
            rounds,
            lambda: beside(signal.SIGCONT, busy_port),
            lambda: beside(signal.SIGSTOP, other_port),
        )
        os.kill(worker, signal.SIGCONT)
        left = _waiting(runtime)
    if not left:
        raise Missing("the worker had nothing left to do: take a larger backlog")
    told = f"{1000 * statistics.median(busy):.1f} against {1000 * statistics.median(alone):.1f} ms"
    ratio = median_ratio(busy, alone)
    beside_it = f"{told}; {left:,} receipts were left to the worker"
    return [Reached("P3", "99 of 100 beside a busy worker", ratio, 1.5, "×", True, beside_it)]


@contextmanager
def _received(runtime: Runtime) -> Iterator[int]:
    """A receiver of the installation; its port."""
    config = replace(runtime.config, port=free_port())
    with served("receiver", config):
        yield config.port


def p99(port: int, seconds: float, messages: Sequence[bytes]) -> float:
    """Seconds within which 99 of 100 deliveries were acknowledged, one every 5 ms."""
    draw, count = random.Random(1), int(seconds * _PER_SECOND)
    idle: list[socket.socket] = []
    due: dict[socket.socket, float] = {}
    times: list[float] = []
    with selectors.DefaultSelector() as selector:
        began, sent = time.perf_counter(), 0
        while len(times) < count:
            now = time.perf_counter()
            if sent < count and now >= (at := began + sent / _PER_SECOND):
                sock = idle.pop() if idle else _opened(port, selector)
                due[sock], sent = at, sent + 1
                sock.sendall(draw.choice(messages))
                continue
            wait = began + sent / _PER_SECOND - now if sent < count else 1.0
            for key, _ in selector.select(wait):
                ready = cast(socket.socket, key.fileobj)
                answer = ready.recv(4096)
                assert answer.startswith(b"HTTP/1.1 200"), answer
                times.append(time.perf_counter() - due.pop(ready))
                idle.append(ready)
        for sock in idle:
            sock.close()
    return sorted(times)[len(times) * 99 // 100]


def _opened(port: int, selector: selectors.BaseSelector) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port), timeout=30)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    selector.register(sock, selectors.EVENT_READ)
    return sock


def _await_scoring(runtime: Runtime, count: int) -> None:
    """Let that many receipts wait, without a commit for each."""
    bodies = present(random.Random(2), 10**9, count, _CONTACTS)
    with closing(sqlite3.connect(runtime.config.inbox_path)) as database, database:
        database.executemany(
            "INSERT INTO receipts (connection, received_at, headers, body) VALUES (?, ?, '{}', ?)",
            [(NAME, to_us(NOW), body) for body in bodies],
        )


def _waiting(runtime: Runtime) -> int:
    with for_reading(runtime.engine).begin() as connection:
        return runtime.inbox.waiting(connection, 10**6)


if __name__ == "__main__":
    print(*measure(), sep="\n")
