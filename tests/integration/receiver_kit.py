"""Builders for the receiver's tests: an installation, signed requests, servers on free ports."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy import Engine

from connectors.signature import sign
from plugin.config import Config, load_config
from plugin.storage import connections
from plugin.storage.database import open_main
from plugin.storage.engine import sqlite_engine
from plugin.storage.inbox import Receipt
from plugin.storage.inbox_file import FileInbox
from plugin.storage.vault import open_vault
from plugin.web import create_app
from plugin.web.server import run
from tests.blank import blank_main
from tests.deadlines import DEADLINE, until
from tests.processes import begin

Process = subprocess.Popen[bytes] | BaseProcess
SECRET = "capture-secret-123"  # of the recorded webhook
OTHER_SECRET = "another-secret-456"
_RECORDED = Path(__file__).parents[1] / "payloads" / "mautic" / "webhooks"


def recorded_delivery(name: str = "page_on_hit") -> tuple[dict[str, str], bytes]:
    """Headers and body of one recorded delivery of that event."""
    path = min(_RECORDED.glob(f"{name}__*.json"))
    delivery = json.loads(path.read_text())
    return delivery["headers"], delivery["body"].encode()


def signed(body: bytes, secret: str = SECRET) -> dict[str, str]:
    return {"Content-Type": "application/json", "Webhook-Signature": sign(body, secret)}


def installed(data: Path, **options: object) -> Config:
    """A migrated data folder with the connections ``acme`` and ``globex``."""
    config = load_config({}, {"data": str(data), "port": free_port(), **options})
    connect(config, "acme", SECRET)
    connect(config, "globex", OTHER_SECRET)
    return config


def connect(config: Config, name: str, *secrets: str) -> None:
    new = connections.NewConnection(name, "mautic", {}, {}, secrets, None, None)
    blank_main(config.main_path)
    main = open_main(config.main_path)
    with main.begin() as connection:
        vault = open_vault(config.key, config.data)
        connections.save(connection, vault, new, datetime.now(UTC))
    main.dispose()


def client(config: Config, inbox_engine: Engine | None = None) -> FlaskClient:
    # Without pages and API, whose making is most of what an application costs.
    alone = create_app(config, inbox_engine=inbox_engine, show=lambda app, runtime: None)
    return alone.test_client()


def stored(config: Config) -> list[Receipt]:
    """Everything in the inbox, read by an engine of our own as another process would."""
    engine = sqlite_engine(config.inbox_path)
    found = FileInbox(engine).read(0, 1_000_000)
    engine.dispose()
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


SERVERS = {
    "granian": [
        "-c",
        "import os; from plugin.config import load_config; from plugin.web.server import run; "
        "run(load_config(os.environ))",
    ],
    "gunicorn": [
        *("-m", "gunicorn", "--no-control-socket", "--worker-class", "gthread", "--threads", "8"),
        *("--bind", "127.0.0.1:{port}", "plugin.web:create_app()"),
    ],
    "waitress": [
        *("-m", "waitress", "--listen", "127.0.0.1:{port}", "--call", "plugin.web:create_app"),
    ],
}


@contextmanager
def served(
    config: Config, server: str = "granian", environ: Mapping[str, str] | None = None
) -> Iterator[Process]:
    """The receiver, the leader of its group; what it prints goes to ``server.log``."""
    log = config.data / "server.log"
    if server == "granian" and environ is None:
        process: Process = begin(run, config, log=log)
    else:
        process = _started(config, SERVERS[server], environ or {}, log)
    try:
        await_port(config.port, process)
        yield process
    finally:
        end(process, signal.SIGTERM)


def _started(
    config: Config, server: list[str], environ: Mapping[str, str], log: Path
) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, *(argument.format(port=config.port) for argument in server)],
            env=config.environ(os.environ) | dict(environ),
            start_new_session=True,
            stdout=output,
            stderr=output,
        )


def end(process: Process, signal_number: signal.Signals) -> None:
    if not ended(process):
        os.killpg(process.pid or 0, signal_number)
    exit_code(process)


def exit_code(process: Process) -> int | None:
    """With which a process ended that must end."""
    if isinstance(process, subprocess.Popen):
        return process.wait(DEADLINE)
    process.join(DEADLINE)
    return process.exitcode


def ended(process: Process) -> bool:
    if isinstance(process, subprocess.Popen):
        return process.poll() is not None
    return not process.is_alive()


_ALIVE = b"GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"


def await_port(port: int, process: Process) -> None:
    """Wait until it answers: who was just killed may still have the port open for a moment."""

    def answers() -> bool:
        assert not ended(process), f"it ended by itself: {exit_code(process)}"
        with suppress(OSError):
            return bool(exchange(port, _ALIVE))
        return False

    until(answers, f"nothing answers on port {port}")


def exchange(port: int, request: bytes, timeout: float = DEADLINE) -> bytes:
    """The raw answer to raw bytes; an empty answer when the server just hung up."""
    with socket.create_connection(("127.0.0.1", port), timeout=timeout) as sock:
        try:
            sock.sendall(request)
            return b"".join(iter(lambda: sock.recv(65536), b""))
        except (BrokenPipeError, ConnectionResetError):
            return b""


def post(body: bytes, headers: dict[str, str], path: str = "/hooks/acme") -> bytes:
    """The bytes of a POST, after which the connection closes."""
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = f"POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n"
    head += f"Content-Length: {len(body)}\r\n" + "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("latin-1") + body
