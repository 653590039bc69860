"""``maturo serve``: the two processes together, and how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest
import requests
from receiver_kit import await_port, free_port, recorded_delivery

from connectors.mautic.standin import Running, StandIn, serve
from connectors.signature import sign
from plugin.config import Config, load_config
from plugin.runtime import Runtime, open_runtime
from plugin.services.connect import Request, connect
from plugin.storage import deliveries, progress
from plugin.storage.engine import for_reading
from plugin.worker import run_worker
from tests.deadlines import DEADLINE, until

pytestmark = pytest.mark.slow

SECRET = "secret-of-this-test"
CONTACT = 38
PAGE = "page_on_hit"
#: Logged where a serving process did not end in its seconds.
KILLED = "refused to gracefully stop"


@pytest.fixture
def platform() -> Iterator[Running]:
    """A stand-in that knows the contact of the recorded delivery."""
    standin = StandIn()
    contact = standin.create(contact_id=CONTACT)
    contact.values["email"] = "anne@example.test"
    with serve(standin) as running:
        yield running


@pytest.fixture
def installed(tmp_path: Path, platform: Running) -> Config:
    """A data folder connected to the stand-in under the name ``mautic``."""
    options = {"data": str(tmp_path / "data"), "port": free_port()}
    config = load_config({"MATURO_CONFIG": os.devnull}, options)
    standin = platform.standin
    settings = {
        "base_url": platform.url,
        "client_id": standin.client_id,
        "client_secret": standin.client_secret,
    }
    with open_runtime(config) as runtime:
        request = Request("mautic", "mautic", settings, SECRET, None)
        connector = runtime.manifest.connector("mautic")
        assert connect(runtime.engine, runtime.vault, connector, request, runtime.clock()).saved
    return config


def started(config: Config, folder: Path, command: str = "serve") -> subprocess.Popen[bytes]:
    # A folder of that name where it is started must not be taken for ours.
    (folder / "plugin").mkdir(exist_ok=True)
    (folder / "plugin" / "__init__.py").write_text("raise SystemExit('hijacked')")
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "plugin", command],
            env=config.environ(os.environ | {"MATURO_CONFIG": os.devnull}),
            cwd=folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


@contextmanager
def serving(config: Config, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = started(config, folder)
    try:
        await_port(config.port, process)
        yield process
    finally:
        for left in living(process.pid):
            os.kill(left, signal.SIGKILL)
        process.wait()


def living(session: int) -> list[int]:
    """The processes of that session, whatever their group or parent."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, _, _, its_session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(its_session) == session and state != "Z":
                found.append(int(entry.name))
    return found


def gone(session: int) -> bool:
    return not living(session)


def children(process: subprocess.Popen[bytes]) -> dict[str, int]:
    """The ids of ``web`` and ``worker``."""
    listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    names = {int(id): Path(f"/proc/{id}/cmdline").read_text().split("\0")[-2] for id in listed}
    return {name: id for id, name in names.items()}


def deliver(config: Config, body: bytes) -> int:
    headers = {"Content-Type": "application/json", "Webhook-Signature": sign(body, SECRET)}
    url = f"http://127.0.0.1:{config.port}/hooks/mautic"
    return requests.post(url, data=body, headers=headers, timeout=DEADLINE).status_code


def visits(count: int) -> list[bytes]:
    """The identification of our contact, and its visits, each a delivery of its own."""
    known, hit = (json.loads(recorded_delivery(one)[1]) for one in ("lead_post_save_new", PAGE))
    known["mautic.lead_post_save_new"][0]["contact"]["id"] = CONTACT
    bodies = [json.dumps(known).encode()]
    for number in range(count):
        hit["mautic.page_on_hit"][0]["hit"]["id"] = 10_000 + number
        hit["mautic.page_on_hit"][0]["hit"]["lead"]["id"] = CONTACT
        bodies.append(json.dumps(hit).encode())
    return bodies


def test_f02_what_is_delivered_is_written_back_and_ending_in_the_middle_loses_nothing(
    tmp_path: Path, installed: Config, platform: Running
) -> None:
    contact, bodies = platform.standin.contacts[CONTACT], visits(30)
    with serving(installed, tmp_path) as process:
        assert set(children(process)) == {"web", "worker"}
        assert {deliver(installed, body) for body in bodies[:4]} == {200}
        until(lambda: float(contact.values.get("maturo_score") or 0) > 0, "nothing is written back")
        assert {deliver(installed, body) for body in bodies[4:]} == {200}
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE) == 0
        assert gone(process.pid)
    assert any(tag.startswith("maturo-") for tag in contact.tags)
    log = (tmp_path / "log").read_text()
    assert not [words for words in ("Traceback", SECRET, KILLED) if words in log]
    with open_runtime(installed) as runtime:
        assert runtime.inbox.last_id() == 31
        cursor = _cursor(runtime)
        assert cursor + runtime.inbox.backlog(cursor) == 31
        with working(runtime):
            until(lambda: _cursor(runtime) == 31 and _pending(runtime) == 0, "work is left")


def test_where_the_receiver_is_killed_its_serving_process_ends_too(
    tmp_path: Path, installed: Config
) -> None:
    with serving(installed, tmp_path) as process:
        os.kill(children(process)["web"], signal.SIGKILL)
        assert process.wait(DEADLINE) == 1
        until(lambda: gone(process.pid), "a process stayed")


def test_a_receiver_asked_to_end_before_it_serves_ends_by_itself(
    tmp_path: Path, installed: Config
) -> None:
    process = started(installed, tmp_path, "web")
    log = tmp_path / "log"
    until(lambda: "Spawning worker" in log.read_text(), "its serving process is not made")
    process.terminate()
    assert process.wait(DEADLINE) == 0
    assert gone(process.pid)
    assert KILLED not in log.read_text()


@contextmanager
def working(runtime: Runtime) -> Iterator[None]:
    """A worker in this process."""
    stop = Event()
    worker = Thread(target=run_worker, args=(runtime, stop))
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


def _cursor(runtime: Runtime) -> int:
    with for_reading(runtime.engine).begin() as connection:
        return progress.inbox_cursor(connection)


def _pending(runtime: Runtime) -> int:
    with for_reading(runtime.engine).begin() as connection:
        return deliveries.counts(connection)[deliveries.PENDING]
