"""P13: memory of `maturo web` and `maturo worker`, idle and scoring a backlog.

What processes share is shared out among them (PSS), so that the sum is what the machine gives.

    python -m benchmarks.memory
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.crowd import crowd, present, receive
from benchmarks.kit import Missing, Reached
from benchmarks.receiver import free_port
from plugin.runtime import Runtime
from plugin.storage.engine import for_reading

_CONTACTS = 2_000


def measure(quick: bool = False) -> list[Reached]:
    """The sum of both, idle and the most of it while the worker has a backlog."""
    if not Path("/proc/self/smaps_rollup").exists():
        raise Missing("memory is read from /proc, which only Linux has")
    backlog = 1_000 if quick else 10_000
    with (
        tempfile.TemporaryDirectory() as folder,
        crowd(Path(folder), _CONTACTS) as runtime,
        running(folder, "web") as web,
        running(folder, "worker") as worker,
    ):
        time.sleep(4)  # Imports, the first look at everything.
        idle = _megabytes(web) + _megabytes(worker)
        receive(runtime, present(random.Random(1), 10**9, backlog, _CONTACTS))
        busy = idle
        while _waiting(runtime):
            busy = max(busy, _megabytes(web) + _megabytes(worker))
            time.sleep(0.2)
    beside = f"web and worker, {backlog:,} receipts waiting"
    return [
        Reached("P13", "memory, idle", idle, 150, "MB", True, "web and worker"),
        Reached("P13", "memory, scoring", busy, 300, "MB", True, beside),
    ]


@contextmanager
def running(folder: str, command: str) -> Iterator[int]:
    """`maturo` with that command on an installation; its process id."""
    own = {"MATURO_DATA": folder, "MATURO_PORT": str(free_port()), "MATURO_CONFIG": os.devnull}
    process = subprocess.Popen(
        [sys.executable, "-m", "plugin", command, "--log-level", "error"],
        env=os.environ | own,
        stderr=subprocess.DEVNULL,  # The platform of this crowd does not exist.
        start_new_session=True,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(30)


def _waiting(runtime: Runtime) -> int:
    with for_reading(runtime.engine).begin() as connection:
        return runtime.inbox.waiting(connection, 1)


def _megabytes(pid: int) -> float:
    """Of the process and of those it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    told = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", told, re.MULTILINE)
    assert found is not None, told
    return int(found[1]) / 1024 + sum(_megabytes(int(one)) for one in children)


if __name__ == "__main__":
    print(*measure(), sep="\n")
