"""P6, P7 and P8: what bringing scores to the platform costs, beside a stand-in with latencies.

P6: contacts a second, beside a bare script that sends the very same calls. P7: calls to the
platform for each activity. P8: from a delivery at our door to the value in the platform, at 50
activities a second, with the real programs.

    python -m benchmarks.sending
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from benchmarks.crowd import SCORECARD, body
from benchmarks.kit import Reached, median_ratio, wall_seconds
from benchmarks.receiver import free_port
from connectors.mautic.standin import StandIn, serve
from connectors.signature import sign
from plugin.config import load_config
from plugin.runtime import open_runtime, utc_now
from plugin.services.publish import publish
from tests.installation import NAME, SECRET, Installation

_BATCH = 50
#: Mautic was seen to take some 40 contacts a second in batches of 50.
_SLOW = _BATCH / 40
#: Of a small batch, as P8 sends them.
_QUICK = 0.1


def measure(quick: bool = False) -> list[Reached]:
    """All three."""
    return [
        _rate(*((1, 3) if quick else (5, 4))),
        _calls(*((100, 1_000) if quick else (500, 5_000))),
        *_lag(10 if quick else 60),
    ]


def _rate(rounds: int, batches: int) -> Reached:
    contacts = batches * _BATCH
    ours: list[float] = []
    bare: list[float] = []
    with _firm(contacts) as firm, httpx.Client(base_url=firm.url, timeout=60) as client:
        for turn in range(rounds + 1):
            _visit(firm, range(1, contacts + 1), turn)
            firm.standin.requests.clear()
            firm.standin.faults.latency["batch"] = _SLOW
            ours.append(contacts / wall_seconds(lambda: _drain(firm)))
            calls = [one for one in firm.standin.requests if "/batch/" in one.path]
            token = {"Authorization": f"Bearer {_token(firm, client)}"}
            bare.append(contacts / wall_seconds(lambda: _send(client, calls, token)))  # noqa: B023
            firm.standin.faults.latency.clear()
        del ours[0], bare[0]  # The first round opens connections.
    beside = f"{statistics.median(ours):.1f} against {statistics.median(bare):.1f} contacts/s"
    ratio = median_ratio(ours, bare)
    return Reached("P6", "writing beside a bare script", ratio, 0.9, "×", beside=beside)


def _calls(contacts: int, activities: int) -> Reached:
    waves = activities // contacts
    with _firm(contacts) as firm:
        firm.standin.requests.clear()
        for turn in range(waves):
            _visit(firm, range(1, contacts + 1), turn)
            _drain(firm)
        calls = sum(not one.path.startswith("/oauth") for one in firm.standin.requests)
    beside = f"{calls} calls, {activities:,} activities of {contacts:,} contacts in {waves} waves"
    return Reached("P7", "calls for each activity", calls / activities, 1 / 20, "", True, beside)


def _lag(seconds: int) -> list[Reached]:
    contacts, pace = 50 * seconds, 1 / 50
    with _firm(contacts, utc_now) as firm, ExitStack() as stack:
        firm.standin.faults.latency["batch"] = _QUICK
        port = free_port()
        for command in ("web", "worker"):
            stack.enter_context(_running(firm, command, port))
        client = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}"))
        _wait_for(client)
        sent: dict[int, float] = {}
        lags: dict[int, float] = {}
        began, number = time.perf_counter(), 0
        while len(lags) < contacts and time.perf_counter() < began + seconds + 60:
            if number < contacts and time.perf_counter() >= began + number * pace:
                number += 1
                sent[number] = time.perf_counter()
                hit = body([(number, number, utc_now())])
                client.post(
                    f"/hooks/{NAME}", content=hit, headers={"Webhook-Signature": sign(hit, SECRET)}
                ).raise_for_status()
            else:
                time.sleep(0.002)
            _note(firm, sent, lags)
    found = sorted(lags.values())
    lost = contacts - len(found)
    beside = f"{contacts:,} deliveries, {lost} not arrived a minute later; a batch takes {_QUICK} s"
    return [
        Reached("P8", "lag, median", statistics.median(found), 0.5, "s", True, beside),
        Reached("P8", "lag, 95 of 100", found[len(found) * 95 // 100], 2.0, "s", True, beside),
    ]


def _note(firm: Installation, sent: dict[int, float], lags: dict[int, float]) -> None:
    now = time.perf_counter()
    for one in sent.keys() - lags.keys():
        contact = firm.standin.contacts[one]
        if contact.values.get("maturo_score") is not None:
            lags[one] = now - sent[one]


@contextmanager
def _firm(contacts: int, clock: Any = None) -> Iterator[Installation]:
    """Connected, its platform knowing that many contacts."""
    moment = clock or _Steps()
    standin = StandIn(clock=moment)
    for number in range(1, contacts + 1):
        standin.create(contact_id=number)
    with tempfile.TemporaryDirectory() as folder, serve(standin) as running:
        config = load_config({}, {"data": folder})
        with open_runtime(config, moment) as runtime:
            firm = Installation(runtime, running, moment)
            firm.connect("webhook")
            publish(runtime.engine, SCORECARD.read_text(), "b2b", moment())
            standin.queue.clear()
            yield firm
            firm.close()


class _Steps:
    """A clock that goes on an hour with each wave."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 31, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def _visit(firm: Installation, contacts: range, turn: int) -> None:
    firm.clock.now += timedelta(hours=1)
    numbers = ((10**6 * (turn + 1) + one, one) for one in contacts)
    firm.receive([body([(hit, one, firm.clock())]) for hit, one in numbers])
    while firm.score_batch():
        pass


def _drain(firm: Installation) -> None:
    while firm.deliver():
        pass
    firm.standin.queue.clear()


def _token(firm: Installation, client: httpx.Client) -> str:
    given = {
        "grant_type": "client_credentials",
        "client_id": firm.standin.client_id,
        "client_secret": firm.standin.client_secret,
    }
    token: str = client.post("/oauth/v2/token", data=given).json()["access_token"]
    return token


def _send(client: httpx.Client, calls: list[Any], headers: dict[str, str]) -> None:
    for one in calls:
        client.request(one.method, one.path, json=one.json, headers=headers).raise_for_status()


@contextmanager
def _running(firm: Installation, command: str, port: int) -> Iterator[None]:
    own = {"MATURO_DATA": str(firm.runtime.config.data), "MATURO_PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "plugin", command, "--log-level", "error"],
        env=os.environ | own | {"MATURO_CONFIG": os.devnull},
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(client: httpx.Client) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            if client.get("/healthz").is_success:
                time.sleep(1)  # The worker, which says nothing when it is ready.
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise TimeoutError("the receiver did not start")


if __name__ == "__main__":
    print(*measure(), sep="\n")
