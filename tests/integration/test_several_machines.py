"""F8: two receivers and several workers on one PostgreSQL, while the platform goes on delivering.

A point for each page that somebody sees: so a score is the number of their visits, and what is
written to the platform never falls unless an older value overtook a newer one.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from signal import SIGKILL
from threading import Event

import pytest
import requests
from cryptography.fernet import Fernet
from receiver_kit import await_port, end, free_port
from sqlalchemy import text

from connectors.mautic.standin import Running, StandIn, serve, visit
from connectors.mautic.standin.php import encode
from connectors.signature import sign
from plugin.config import load_config
from plugin.runtime import Runtime, open_runtime, utc_now
from plugin.scoring.evaluate import whole_points
from plugin.services.publish import publish
from plugin.storage import connections
from plugin.storage.engine import for_reading
from plugin.storage.moments import to_us
from plugin.storage.scores import read_scores, scored_contacts
from tests import postgres
from tests.installation import NAME, SECRET, Installation
from tests.torture import Account, long_form

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(postgres.server_url() is None, reason=postgres.MISSING),
]

KILLS, PEOPLE, WORKERS = 50, 300, 4
#: Seconds between two deliveries.
PAUSE = 1 / 40
#: Seconds within which others do what a killed worker held.
TAKEN_OVER = 10
CARD = """
name: Visits
groups:
  - {id: all, dimension: engagement, rules: [
      {id: visit, kind: activity, points: 1, activity: page_viewed}]}
bands: [{id: cold}, {id: hot, enter: 20, tag: hot}]
"""


@dataclass
class Machines:
    """The processes of an installation beside its platform, and the log of them all."""

    runtime: Runtime
    platform: Running
    log: Path
    ports: list[int] = field(default_factory=list)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    #: What the receivers answered to deliveries.
    answers: Counter[int] = field(default_factory=Counter)

    def start(self, command: str, **settings: object) -> subprocess.Popen[bytes]:
        own = {f"MATURO_{name.upper()}": str(value) for name, value in settings.items()}
        own |= {"MATURO_CONFIG": os.devnull, "MATURO_LOG_LEVEL": "error"}
        environment = self.runtime.config.environ(os.environ) | own
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "plugin", command],
                env=environment,
                start_new_session=True,
                stderr=log,
            )

    def unfinished(self, until: datetime) -> int:
        """How much of what was received until then waits to be scored, or for the platform."""
        waiting = text(
            "SELECT (SELECT count(*) FROM receipts WHERE NOT done AND received_at <= :until) + "
            "(SELECT count(*) FROM deliveries WHERE state = 'pending' AND received_at <= :until)"
        )
        with for_reading(self.runtime.engine).begin() as connection:
            return int(connection.execute(waiting, {"until": to_us(until)}).scalar_one())

    def finish(self) -> float:
        """Wait until nothing is left of what was received until now; answers the seconds."""
        received, began = utc_now(), time.monotonic()
        until(lambda: self.unfinished(received) == 0)
        return time.monotonic() - began


@contextmanager
def machines(folder: Path, url: str, webs: int, workers: int) -> Iterator[Machines]:
    """Everybody is known to the platform by an address, so that scores are written there."""
    standin = StandIn(queued=True)
    for number in range(1, PEOPLE + 1):
        standin.create(contact_id=number).values["email"] = f"p{number}@nova.example"
    options = {"data": str(folder), "database_url": url, "key": Fernet.generate_key().decode()}
    with ExitStack() as stack:
        running = stack.enter_context(serve(standin))
        config = load_config({"MATURO_CONFIG": os.devnull}, options | {"threads": 4})
        runtime = stack.enter_context(open_runtime(config))
        installation = Installation(runtime, running, utc_now)
        stack.callback(installation.close)
        installation.connect(connections.WEBHOOK)
        publish(runtime.engine, CARD, "card", utc_now())
        made = Machines(runtime, running, folder / "log")
        for _ in range(webs):
            port = free_port()
            process = made.start("web", port=port)
            stack.callback(end, process, SIGKILL)
            await_port(port, process)
            made.ports.append(port)
        stack.callback(lambda: [end(one, SIGKILL) for one in made.workers])
        made.workers += [made.start("worker", batch=5) for _ in range(workers)]
        yield made


@contextmanager
def delivering(made: Machines) -> Iterator[Counter[int]]:
    """People see pages all the while, and the receivers are told; counts the visits by contact."""
    visits, stop = Counter[int](), Event()
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(deliver, made, visits, stop)
        try:
            yield visits
        finally:
            stop.set()
            told.result()


def deliver(made: Machines, visits: Counter[int], stop: Event) -> None:
    """As a platform that keeps what was not taken; one in a hundred is told twice."""
    standin, chance = made.platform.standin, random.Random(9)
    with requests.Session() as web:
        while not stop.wait(PAUSE):
            contact = chance.randint(1, PEOPLE)
            visit(standin, contact, "https://firm.example/")
            visits[contact] += 1
            with standin.lock:
                told, standin.queue = standin.queue, []
            for _, event in told * (1 + (chance.random() < 0.01)):
                body = encode({f"mautic.{event.key}": [event.item]})
                until(lambda body=body: post(made, web, chance.choice(made.ports), body) == 200)


def post(made: Machines, web: requests.Session, port: int, body: bytes) -> int:
    headers = {"Webhook-Signature": sign(body, SECRET)}
    url = f"http://127.0.0.1:{port}/hooks/{NAME}"
    status = web.post(url, data=body, headers=headers, timeout=30).status_code
    made.answers[status] += 1
    return status


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "everything stands still"
        time.sleep(0.01)


def seen(made: Machines, visits: Counter[int]) -> dict[str, int]:
    """What the scores and the platform have too little or too much, and values that fell."""
    with for_reading(made.runtime.engine).begin() as connection:
        ours = scored_contacts(connection, 1)
        stored = read_scores(connection, list(ours.values()))
    scores = {int(one): whole_points(stored[ours[one]].score.score) for one in ours}
    held = {one: made.platform.standin.contacts[one].values.get("maturo_score") for one in visits}
    wrong = [scores.get(one, 0) - visits[one] for one in visits]
    wrong += [int(held[one] or 0) - visits[one] for one in visits]
    return {
        "activities": visits.total(),
        "lost": -sum(one for one in wrong if one < 0),
        "doubled": sum(one for one in wrong if one > 0),
        "out_of_order": sum(
            later < earlier for one in written(made).values() for earlier, later in pairwise(one)
        ),
    }


def written(made: Machines) -> dict[int, list[int]]:
    """The scores that each contact was given at the platform, one after the other."""
    found: dict[int, list[int]] = {one: [] for one in range(1, PEOPLE + 1)}
    for call in made.platform.standin.requests:
        if call.method == "PATCH" and call.path.startswith("/api/contacts/"):
            alone = {"id": call.path.split("/")[3]}
            for item in call.json if isinstance(call.json, list) else [alone | call.json]:
                found[int(item["id"])].append(item["maturo_score"])
    return found


@long_form
def test_f08_what_killed_workers_held_is_taken_over_while_deliveries_go_on(
    tmp_path: Path, account: Account
) -> None:
    chance, longest = random.Random(3), 0.0
    with postgres.fresh_database() as url, machines(tmp_path, url, 2, WORKERS) as made:
        with delivering(made) as visits:
            for _ in range(KILLS):
                time.sleep(chance.random() / 2)  # A kill at any moment of their work.
                killed = chance.randrange(WORKERS)
                end(made.workers[killed], SIGKILL)
                longest = max(longest, made.finish())
                made.workers[killed] = made.start("worker", batch=5)
        made.finish()
        account(kills=KILLS, taken_over=longest, **seen(made, visits))
    told = [line for line in made.log.read_text().splitlines() if not line.startswith("Pages:")]
    assert told == []
    assert longest < TAKEN_OVER


@long_form
def test_f08_a_server_that_restarts_costs_503_while_it_is_away_and_nothing_else(
    tmp_path: Path, account: Account
) -> None:
    server = postgres.started()
    if server is None:
        pytest.skip(postgres.MISSING)
    with ExitStack() as stack:
        stack.callback(server.remove)
        made = stack.enter_context(machines(tmp_path, server.url, 1, 2))
        with delivering(made) as visits:
            until(lambda: visits.total() >= 50)
            server.stop()
            # Longer than a receiver believes what it looked up before.
            until(lambda: made.answers[503] >= 20)
            assert (asked(made, "/healthz"), asked(made, "/readyz")) == (200, 503)
            taken = made.answers[200]
            server.start()
            until(lambda: made.answers[200] >= taken + 50)
            back = made.finish()
        made.finish()
        account(kills=1, taken_over=back, **seen(made, visits))
    assert made.answers.keys() == {200, 503}
    assert "Traceback" not in made.log.read_text()


def asked(made: Machines, path: str) -> int:
    return requests.get(f"http://127.0.0.1:{made.ports[0]}{path}", timeout=30).status_code
