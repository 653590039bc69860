"""P1: verified and durably committed deliveries per second, against a Flask that only reads them.

Both run under our granian settings, take turns, and get the same recorded bodies from the same
clients. Prints medians and the ratio; only the ratio means anything on another machine.

    python benchmarks/receiver.py [--rounds 7] [--seconds 2] [--connections 32]
"""

from __future__ import annotations

import argparse
import os
import random
import selectors
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import orjson
from flask import Flask, Response, request

from connectors.signature import sign
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


APPS: dict[str, Callable[[Config], Flask]] = {"hello": hello, "receiver": create_app}


@contextmanager
def served(name: str, config: Config) -> Iterator[None]:
    """That application under granian, in its own process group."""
    command = [sys.executable, __file__, "--serve", name]
    command += ["--data", str(config.data), "--port", str(config.port)]
    command += ["--threads", str(config.threads)]
    process = subprocess.Popen(command, start_new_session=True)
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


def recorded(folder: Path) -> list[bytes]:
    """Requests around the recorded bodies of 5 to 17 kB, freshly signed."""
    bodies = [
        orjson.loads(path.read_bytes())["body"].encode() for path in sorted(folder.glob("*.json"))
    ]
    return [_request(body) for body in bodies if 5_000 <= len(body) <= 17_000]


def _request(body: bytes) -> bytes:
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: GuzzleHttp/7\r\n"
        "Content-Type: application/json\r\nX-Origin-Base-URL: http://127.0.0.1:8088\r\n"
        f"Webhook-Signature: {sign(body, SECRET)}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _free_port() -> int:
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
    options = {"data": str(data), "port": _free_port(), "log_level": "error", "threads": threads}
    config = load_config({}, options)
    data.mkdir(exist_ok=True)
    main = open_main(config.main_path)
    new = connections.NewConnection("acme", "mautic", {}, {}, (SECRET,), None, None)
    with main.begin() as connection:
        connections.save(connection, open_vault("", data), new, datetime.now(UTC))
    main.dispose()
    return config


def compare(
    messages: list[bytes], rounds: int, seconds: float, connections_open: int, threads: int
) -> float:
    """The ratio of the median rates, after printing everything."""
    results: dict[str, list[Round]] = {name: [] for name in APPS}
    with tempfile.TemporaryDirectory() as folder:
        configs = {name: _installed(Path(folder) / name, threads) for name in APPS}
        with served("hello", configs["hello"]), served("receiver", configs["receiver"]):
            for index in range(rounds + 1):
                for name, config in configs.items():
                    measured = load(config.port, seconds, connections_open, messages)
                    if index:  # the first one warms up
                        results[name].append(measured)
    rates = {name: _report(name, found) for name, found in results.items()}
    ratio = rates["receiver"] / rates["hello"]
    print(f"receiver / hello: {ratio:.2f} (bar {BAR:.2f})")
    return ratio


def _report(name: str, found: list[Round]) -> float:
    rate = statistics.median(r.rate for r in found)
    p50, p99 = (
        statistics.median(getattr(r, field) for r in found) for field in ("p50_ms", "p99_ms")
    )
    print(f"{name:9} {rate:7.0f} requests/s   p50 {p50:6.2f} ms   p99 {p99:6.2f} ms")
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--threads", type=int, default=16)
    parser.add_argument("--payloads", type=Path, default=PAYLOADS)
    parser.add_argument("--serve", choices=APPS, help=argparse.SUPPRESS)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        options = {"data": given.data, "port": given.port, "threads": given.threads}
        run(load_config({}, options | {"log_level": "error"}), APPS[given.serve])
    else:
        messages = recorded(given.payloads)
        compare(messages, given.rounds, given.seconds, given.connections, given.threads)


if __name__ == "__main__":
    main()
