"""``maturo serve``: the two processes together, and how they end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from receiver_kit import await_port, free_port, recorded_delivery

from connectors.mautic.standin import Running, StandIn, serve
from connectors.signature import sign
from plugin.config import Config, load_config
from plugin.runtime import open_runtime
from plugin.services.connect import Request, connect
from plugin.storage import deliveries, progress

pytestmark = pytest.mark.slow

SECRET = "secret-of-this-test"
CONTACT = 38
PAGE = "page_on_hit"


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


def started(config: Config, folder: Path) -> subprocess.Popen[bytes]:
    # A folder of that name where it is started must not be taken for ours.
    (folder / "plugin").mkdir(exist_ok=True)
    (folder / "plugin" / "__init__.py").write_text("raise SystemExit('hijacked')")
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "plugin", "serve"],
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


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about in time"
        time.sleep(0.02)


def deliver(config: Config, body: bytes) -> int:
    headers = {"Content-Type": "application/json", "Webhook-Signature": sign(body, SECRET)}
    url = f"http://127.0.0.1:{config.port}/hooks/mautic"
    return requests.post(url, data=body, headers=headers, timeout=10).status_code


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


def test_a_signed_delivery_is_received_scored_and_written_back(
    tmp_path: Path, installed: Config, platform: Running
) -> None:
    contact = platform.standin.contacts[CONTACT]
    with serving(installed, tmp_path) as process:
        assert set(children(process)) == {"web", "worker"}
        assert {deliver(installed, body) for body in visits(3)} == {200}
        until(lambda: contact.values.get("maturo_score") is not None)
        until(lambda: float(contact.values.get("maturo_score") or 0) > 0)
        process.terminate()
        assert process.wait(10) == 0
        assert gone(process.pid)
    assert any(tag.startswith("maturo-") for tag in contact.tags)
    assert "Traceback" not in (tmp_path / "log").read_text()
    assert SECRET not in (tmp_path / "log").read_text()


def test_f02_ending_in_the_middle_of_the_work_loses_nothing(
    tmp_path: Path, installed: Config
) -> None:
    with serving(installed, tmp_path) as process:
        taken = sum(deliver(installed, body) == 200 for body in visits(30))
        started_to_end = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
        assert time.monotonic() - started_to_end < 10
        assert gone(process.pid)
    assert taken == 31
    with open_runtime(installed) as runtime:
        assert runtime.inbox.last_id() == 31
        cursor = _cursor(installed)
        assert cursor + runtime.inbox.backlog(cursor) == 31
    with serving(installed, tmp_path):
        until(lambda: _cursor(installed) == 31 and _pending(installed) == 0)


@pytest.mark.parametrize("victim", ["web", "worker"])
def test_when_one_process_dies_the_other_ends_and_the_exit_code_says_so(
    tmp_path: Path, installed: Config, victim: str
) -> None:
    with serving(installed, tmp_path) as process:
        until(lambda: set(children(process)) == {"web", "worker"})
        os.kill(children(process)[victim], signal.SIGKILL)
        assert process.wait(15) == 1
        until(lambda: gone(process.pid))


def test_a_port_that_is_taken_ends_it_with_exit_code_1(tmp_path: Path, installed: Config) -> None:
    with socket.create_server(("127.0.0.1", installed.port)):
        process = started(installed, tmp_path)
        assert process.wait(20) == 1
        until(lambda: gone(process.pid))


def test_asked_to_end_while_it_starts_it_leaves_no_process(
    tmp_path: Path, installed: Config
) -> None:
    for pause in (0.3, 0.6, 0.9, 1.2):
        process = started(installed, tmp_path)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(pause)
        process.terminate()
        assert process.wait(15) in (0, -signal.SIGTERM)
        until(lambda process=process: gone(process.pid))  # type: ignore[misc]


def _cursor(config: Config) -> int:
    with open_runtime(config) as runtime, runtime.engine.connect() as connection:
        return progress.inbox_cursor(connection)


def _pending(config: Config) -> int:
    with open_runtime(config) as runtime, runtime.engine.connect() as connection:
        return deliveries.counts(connection)[deliveries.PENDING]
