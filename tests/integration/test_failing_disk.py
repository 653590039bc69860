"""F1 and F6: the power is cut, the disk is full, the disk fails, in a receiver under load."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest
from receiver_kit import (
    Process,
    end,
    ended,
    exchange,
    exit_code,
    installed,
    post,
    served,
    signed,
    stored,
)
from test_receiver_servers import BODY, Tally, send_until, status

from plugin.config import Config
from tests.deadlines import DEADLINE
from tests.disk_kit import compiled, failing
from tests.torture import Account, repeated

pytestmark = pytest.mark.slow
POWER_CUTS = repeated(1, 25)
_LARGE = os.urandom(300_000)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compiled(tmp_path_factory.mktemp("shim"))


@pytest.mark.parametrize("stray", [0, 2], ids=["only what was synced", "and half of the rest"])
def test_f01_after_a_loss_of_power_every_acknowledged_body_is_in_the_inbox(
    tmp_path: Path, library: Path, account: Account, stray: int
) -> None:
    config = installed(tmp_path / "data")
    acknowledged: set[bytes] = set()
    for run in range(POWER_CUTS):
        kept = tmp_path / f"kept {run}"
        # What the disk holds when the machine starts again.
        kept.mkdir()
        for path in config.data.glob("inbox.db*"):
            shutil.copy(path, kept)
        how = {"kept": kept} | ({"stray": stray} if stray else {})
        with served(config, environ=failing(library, config.inbox_path, **how)) as process:
            acknowledged |= acknowledged_until_killed(process, config.port, b"%d" % run)
        for path in config.data.glob("inbox.db*"):
            path.unlink()
        for path in kept.iterdir():
            shutil.copy(path, config.data)
    found = [receipt.body for receipt in stored(config)]
    account(
        kills=POWER_CUTS,
        activities=len(acknowledged),
        lost=len(acknowledged - set(found)),
        doubled=len(found) - len(set(found)),
    )
    with closing(sqlite3.connect(config.inbox_path)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def acknowledged_until_killed(process: Process, port: int, name: bytes) -> set[bytes]:
    enough, stop = Tally(300), Event()
    with ThreadPoolExecutor(16) as senders:
        jobs = [
            senders.submit(send_until, port, b"%s/%d" % (name, n), enough, stop) for n in range(16)
        ]
        assert enough.reached.wait(DEADLINE)
        end(process, signal.SIGKILL)
        stop.set()
        return {body for job in jobs for body in job.result(DEADLINE)}


_COMMITS = """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
for pragma in ("journal_mode = WAL", "synchronous = FULL"):
    database.execute(f"PRAGMA {pragma}")
database.execute("CREATE TABLE t (n)")
database.execute(f"PRAGMA synchronous = {sys.argv[2]}")
database.execute("INSERT INTO t VALUES (1)")
os._exit(0)
"""


@pytest.mark.parametrize(("synchronous", "rows"), [("FULL", 1), ("NORMAL", 0)])
def test_the_model_loses_what_was_committed_and_not_synced(
    tmp_path: Path, library: Path, synchronous: str, rows: int
) -> None:
    lives, kept = tmp_path / "lives", tmp_path / "kept"
    for folder in (lives, kept):
        folder.mkdir()
    environ = os.environ | failing(library, lives, kept=kept)
    command = [sys.executable, "-c", _COMMITS, lives / "some.db", synchronous]
    subprocess.run(command, env=environ, check=True)
    for folder, expected in ((lives, 1), (kept, rows)):
        with closing(sqlite3.connect(folder / "some.db")) as database:
            assert database.execute("SELECT count(*) FROM t").fetchone() == (expected,)


def test_f06_a_full_disk_is_503_and_with_space_the_same_process_goes_on(
    tmp_path: Path, library: Path, account: Account
) -> None:
    config, full = installed(tmp_path / "data"), tmp_path / "full"
    environ = failing(library, config.inbox_path, full=full)
    with served(config, environ=environ) as process:
        assert deliver(config, BODY) == 200
        full.touch()
        assert [deliver(config, _LARGE) for _ in range(3)] == [503] * 3
        full.unlink()
        assert deliver(config, _LARGE) == 200
        assert not ended(process)
    assert [receipt.body for receipt in stored(config)] == [BODY, _LARGE]
    account(activities=2, lost=0, doubled=0)


def test_f06_a_sync_that_fails_is_not_tried_again_and_ends_the_process(
    tmp_path: Path, library: Path, account: Account
) -> None:
    config, broken = installed(tmp_path / "data"), tmp_path / "broken"
    with served(config, environ=failing(library, config.inbox_path, failing=broken)) as process:
        assert deliver(config, BODY) == 200
        broken.touch()
        assert deliver(config, _LARGE) in (0, 503)
        assert exit_code(process) == 1
    with served(config):
        assert deliver(config, _LARGE) == 200
    bodies = [receipt.body for receipt in stored(config)]
    # What was refused may be there; the platform delivers it again, which changes nothing.
    assert bodies in ([BODY, _LARGE], [BODY, _LARGE, _LARGE])
    account(activities=2, lost=0)


def test_f06_on_a_small_disk_that_is_full_nothing_is_acknowledged_in_vain(
    tmp_path: Path, account: Account
) -> None:
    with small_disk(tmp_path / "data") as data:
        config = installed(data)
        filler = data / "filler"
        with served(config):
            assert deliver(config, BODY) == 200
            fill(filler)
            refused = [deliver(config, _LARGE) for _ in range(3)]
            filler.unlink()
            assert deliver(config, _LARGE) == 200
        assert set(refused) == {503}
        assert [receipt.body for receipt in stored(config)] == [BODY, _LARGE]
    account(activities=2, lost=0, doubled=0)


def deliver(config: Config, body: bytes) -> int:
    return status(exchange(config.port, post(body, signed(body))))


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of 8 MB; skips the test where none may be mounted."""
    folder.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    try:
        subprocess.run(options, check=True, capture_output=True)
    except (subprocess.CalledProcessError, FileNotFoundError) as error:
        pytest.skip(f"a small disk needs the right to mount one: {error}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (65536, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
