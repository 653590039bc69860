"""P1 and P2: verified and durably committed deliveries per second.

P1 beside a Flask that only reads them; P2, where every sync of the disk takes 3 ms more, beside a
receiver that commits each by itself. All run under our granian settings, take turns, and get the
same recorded bodies from the same clients.

    python -m benchmarks.receiver
"""

from __future__ import annotations

import argparse
import os
import random
import selectors
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import orjson
from flask import Flask, Response, request

from benchmarks.kit import Reached, median_ratio
from connectors.signature import is_signed, sign
from plugin.config import Config, load_config
from plugin.storage import connections
from plugin.storage.database import open_main
from plugin.storage.vault import open_vault
from plugin.web import create_app
from plugin.web.server import run

PAYLOADS = Path(__file__).parents[1] / "tests" / "payloads" / "mautic" / "webhooks"
SECRET = "capture-secret-123"  # of the recorded webhook
PATH = "/hooks/acme"
BAR = 0.60
_THREADS, _CLIENTS = 16, 32


@dataclass(frozen=True)
class Round:
    """What one server did in one round."""

    rate: float
    p50_ms: float
    p99_ms: float


def hello(_config: Config) -> Flask:
    """The least a Flask receiver can do."""
    app = Flask(__name__, static_folder=None)

    @app.post("/hooks/<connection>")
    def read(connection: str) -> Response:
        request.get_data(cache=False)
        return Response()

    return app


def each_alone(config: Config) -> Flask:
    """A receiver that verifies, and commits every delivery by itself."""
    app, lock = Flask(__name__, static_folder=None), threading.Lock()
    database = sqlite3.connect(
        config.data / "each.db", isolation_level=None, check_same_thread=False
    )
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS receipts (id INTEGER PRIMARY KEY, body BLOB)")

    @app.post("/hooks/<connection>")
    def keep(connection: str) -> Response:
        body = request.get_data(cache=False)
        if not is_signed(body, request.headers.get("Webhook-Signature", ""), [SECRET]):
            return Response(status=401)
        with lock:
            database.execute("INSERT INTO receipts (body) VALUES (?)", (body,))
        return Response()

    return app


APPS: dict[str, Callable[[Config], Flask]] = {
    "hello": hello,
    "receiver": create_app,
    "each": each_alone,
}


@contextmanager
def served(name: str, config: Config, environ: Mapping[str, str] = os.environ) -> Iterator[None]:
    """That application under granian, in its own process group."""
    command = [sys.executable, "-m", "benchmarks.receiver", "--serve", name]
    command += ["--data", str(config.data), "--port", str(config.port)]
    command += ["--threads", str(config.threads)]
    process = subprocess.Popen(command, start_new_session=True, env=environ)
    try:
        _await_port(config.port)
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(10)


def load(port: int, seconds: float, connections_open: int, messages: list[bytes]) -> Round:
    """Closed loop over keep-alive connections, one thread."""
    selector = selectors.DefaultSelector()
    draw = random.Random(1)
    started: dict[socket.socket, float] = {}
    times: list[float] = []

    def send(sock: socket.socket) -> None:
        started[sock] = time.perf_counter()
        sock.sendall(draw.choice(messages))

    for _ in range(connections_open):
        sock = socket.create_connection(("127.0.0.1", port), timeout=10)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(sock, selectors.EVENT_READ)
        send(sock)
    begin = time.perf_counter()
    while time.perf_counter() - begin < seconds:
        for key, _ in selector.select(1.0):
            ready = cast(socket.socket, key.fileobj)
            answer = ready.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200"), answer
            times.append(time.perf_counter() - started[ready])
            send(ready)
    elapsed = time.perf_counter() - begin
    for sock in started:
        sock.recv(4096)
        sock.close()
    times.sort()
    return Round(
        len(times) / elapsed,
        1000 * times[len(times) // 2],
        1000 * times[len(times) * 99 // 100],
    )


def recorded(folder: Path, secret: str = SECRET) -> list[bytes]:
    """Requests around the recorded bodies of 5 to 17 kB, freshly signed."""
    bodies = [
        orjson.loads(path.read_bytes())["body"].encode() for path in sorted(folder.glob("*.json"))
    ]
    return [_request(body, secret) for body in bodies if 5_000 <= len(body) <= 17_000]


def _request(body: bytes, secret: str) -> bytes:
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: GuzzleHttp/7\r\n"
        "Content-Type: application/json\r\nX-Origin-Base-URL: http://127.0.0.1:8088\r\n"
        f"Webhook-Signature: {sign(body, secret)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def free_port() -> int:
    """One that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _await_port(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port}")


def _installed(data: Path, threads: int) -> Config:
    options = {"data": str(data), "port": free_port(), "log_level": "error", "threads": threads}
    config = load_config({}, options)
    data.mkdir(exist_ok=True)
    main = open_main(config.main_path)
    new = connections.NewConnection("acme", "mautic", {}, {}, (SECRET,), None, None)
    with main.begin() as connection:
        connections.save(connection, open_vault("", data), new, datetime.now(UTC))
    main.dispose()
    return config


def compare(
    names: Sequence[str],
    messages: list[bytes],
    rounds: int,
    seconds: float,
    environ: Mapping[str, str] | None = None,
) -> list[list[Round]]:
    """What each application did in every round, taking turns."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        configs = [_installed(Path(folder) / name, _THREADS) for name in names]
        for name, config in zip(names, configs, strict=True):
            stack.enter_context(served(name, config, os.environ | (environ or {})))
        found: list[list[Round]] = [[] for _ in names]
        for turn in range(rounds + 1):
            for config, own in zip(configs, found, strict=True):
                measured = load(config.port, seconds, _CLIENTS, messages)
                own += [measured] if turn else []  # The first one warms up.
    return found


def measure(quick: bool = False) -> list[Reached]:
    """P1 alone."""
    rounds, seconds = (3, 1.0) if quick else (7, 2.0)
    messages = recorded(PAYLOADS)
    ours, hello = compare(("receiver", "hello"), messages, rounds, seconds)
    found = [_line("P1", "receiver beside hello-world Flask", ours, hello, BAR)]
    compiler = shutil.which("cc")
    if compiler is None:
        return found
    with tempfile.TemporaryDirectory() as folder:
        library, source = Path(folder) / "disk.so", PAYLOADS.parents[2] / "shims" / "disk.c"
        flags = ["-shared", "-fPIC", "-O2", "-o", str(library), str(source), "-ldl", "-lpthread"]
        subprocess.run([compiler, *flags], check=True)
        slow = {"LD_PRELOAD": str(library), "DISK_FILES": "/", "DISK_FSYNC_MS": "3"}
        ours, each = compare(("receiver", "each"), messages, rounds, seconds, slow)
    return [*found, _line("P2", "3 ms a sync: beside a commit each", ours, each, 10)]


def _line(number: str, what: str, ours: list[Round], theirs: list[Round], bar: float) -> Reached:
    mine, other = [one.rate for one in ours], [one.rate for one in theirs]
    beside = f"{statistics.median(mine):,.0f} against {statistics.median(other):,.0f} requests/s"
    return Reached(number, what, median_ratio(mine, other), bar, "×", beside=beside)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", choices=APPS, help=argparse.SUPPRESS)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--threads", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        options = {"data": given.data, "port": given.port, "threads": given.threads}
        run(load_config({}, options | {"log_level": "error"}), APPS[given.serve])
    else:
        print(*measure(), sep="\n")


if __name__ == "__main__":
    main()
