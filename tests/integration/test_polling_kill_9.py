"""A reader of the platform's records is killed again and again: nothing is lost or doubled."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from connectors.mautic.standin import Running, StandIn, serve, visitors
from plugin.config import load_config
from plugin.runtime import Runtime, open_runtime, utc_now
from plugin.services.backup import copy_pair
from plugin.services.connect import Request, connect
from plugin.services.publish import publish
from plugin.storage import connections, positions
from plugin.storage.engine import for_reading
from plugin.storage.tables import metadata
from plugin.storage.vault import KEY_FILE
from tests.deadlines import DEADLINE, until
from tests.installation import CARD
from tests.processes import begin_maturo
from tests.torture import Account, long_form, repeated

KILLS, PEOPLE, VISITS = repeated(3, 20), 8, repeated(60, 900)


@pytest.fixture(scope="module")
def platform() -> Iterator[Running]:
    with serve(StandIn()) as running:
        yield running


def happen(standin: StandIn) -> None:
    """A minute ago people came, looked around, and some said who they are.

    What is younger than half a minute is left for the next reading: it may not be committed yet.
    """
    standin.clock = lambda: utc_now() - timedelta(minutes=1)
    chance = random.Random(5)
    people = [visitors.visit(standin, None, "https://shop.example/") for _ in range(PEOPLE)]
    for _ in range(VISITS):
        visitors.visit(
            standin, chance.choice(people), f"https://shop.example/{chance.randint(1, 9)}"
        )
    for one in people[:3]:
        visitors.submit_form(standin, one, {"email": f"c{one}@example.org"})
    standin.clock = utc_now


@contextmanager
def installed(data: Path, platform: Running) -> Iterator[Runtime]:
    """Connected by polling alone."""
    with open_runtime(load_config({}, {"data": str(data)})) as runtime:
        publish(runtime.engine, CARD, "card", utc_now())
        settings = {
            "base_url": platform.url,
            "client_id": platform.standin.client_id,
            "client_secret": platform.standin.client_secret,
        }
        request = Request("mautic", "mautic", settings, None, None, mode=connections.POLL)
        connector = runtime.manifest.connector("mautic")
        done = connect(runtime.engine, runtime.vault, connector, request, utc_now())
        assert done.saved, done.checks
        yield runtime


def start(runtime: Runtime, command: str, rows: int) -> BaseProcess:
    return begin_maturo(replace(runtime.config, batch=rows), command, "mautic")


def read(runtime: Runtime, command: str) -> None:
    """All there is, undisturbed."""
    process = start(runtime, command, rows=50)
    process.join(DEADLINE)
    assert process.exitcode == 0


def rows_read(runtime: Runtime, purpose: str) -> int:
    with for_reading(runtime.engine).begin() as connection:
        found = positions.find(connection, 1, purpose)
    return found.rows if found else 0


def read_and_kill(runtime: Runtime, command: str) -> int:
    """Each reader but the last is killed when it has stored some more; answers how many were."""
    chance, kills = random.Random(3), 0
    for _ in range(KILLS):
        target = rows_read(runtime, command) + chance.randint(5, 20)
        process = start(runtime, command, rows=5)
        until(lambda: not process.is_alive() or rows_read(runtime, command) >= target)  # noqa: B023
        process.kill()
        process.join()
        # On a busy machine one may have read to the end before.
        kills += process.exitcode != 0
    read(runtime, command)
    return kills


def found(runtime: Runtime) -> dict[str, list[Any]]:
    """What was learnt: activities, points by contact, and entries not reversed."""
    with for_reading(runtime.engine).begin() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        tables = {
            name: connection.execute(metadata.tables[name].select()).mappings().all()
            for name in ("contacts", "scores", "entries")
        }
    names = {row["id"]: row["platform_id"] for row in tables["contacts"]}
    undone = {(row["contact_id"], row["reverses"]) for row in tables["entries"]}
    return {
        "scores": sorted((names[row["contact_id"]], row["score"]) for row in tables["scores"]),
        "entries": sorted(
            (names[row["contact_id"]], row["rule"], row["points"], row["activities"])
            for row in tables["entries"]
            if row["reverses"] is None and (row["contact_id"], row["number"]) not in undone
        ),
    }


@pytest.mark.slow
@pytest.mark.parametrize("command", ["backfill", pytest.param("reconcile", marks=long_form)])
def test_f02_a_reader_killed_at_random_moments_loses_and_doubles_nothing(
    tmp_path: Path, platform: Running, command: str, account: Account
) -> None:
    with (
        installed(tmp_path / "killed", platform) as killed,
        installed(tmp_path / "quiet", platform) as quiet,
    ):
        for one in (killed, quiet):
            # Reconciliation begins with what comes after this.
            if command == "reconcile":
                read(one, command)
        happen(platform.standin)
        read(quiet, command)
        kills = read_and_kill(killed, command)
        assert kills, "all had read to the end before they were killed: nothing was tried"
        expected = found(quiet)
        assert len(expected["scores"]) >= PEOPLE
        learnt = found(killed)
        account(kills=kills, activities=rows_read(quiet, command))
        assert learnt == expected


@pytest.mark.slow
@long_form
def test_f07_what_happened_since_an_old_backup_is_read_from_the_platforms_records(
    tmp_path: Path, platform: Running, account: Account
) -> None:
    lived, restored = tmp_path / "lived", tmp_path / "restored"
    with installed(lived, platform) as runtime:
        read(runtime, "reconcile")
        happen(platform.standin)
        read(runtime, "reconcile")
        copy_pair(lived, restored, lambda name, size: None)
        shutil.copy(lived / KEY_FILE, restored)
        at_the_backup = rows_read(runtime, "reconcile")
        happen(platform.standin)
        read(runtime, "reconcile")
        expected, rows = found(runtime), rows_read(runtime, "reconcile")
    assert rows > at_the_backup, "nothing happened since"
    with open_runtime(load_config({}, {"data": str(restored)})) as runtime:
        read(runtime, "reconcile")
        account(activities=rows, lost=rows - rows_read(runtime, "reconcile"))
        assert found(runtime) == expected
