"""Processes that live and end together; small ones, in place of receiver and worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.deadlines import DEADLINE, until

_PARENT = """
import os, sys
from plugin.together import run_together
sys.exit(run_together([["sh", "-c", one] for one in sys.argv[1:]], os.environ))
"""
_LIVE = "sleep 600"
#: Does its work in another process, as the receiver does.
_LIVE_BY_ANOTHER = "sleep 600 & wait"
_ENDS_WITHOUT_ERROR = "true"


@contextmanager
def together(*scripts: str) -> Iterator[subprocess.Popen[bytes]]:
    """They run, each of them the leader of its group."""
    process = subprocess.Popen([sys.executable, "-c", _PARENT, *scripts], start_new_session=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for one in living(process.pid):
            os.kill(one, signal.SIGKILL)


def living(session: int) -> dict[int, int]:
    """The processes of that session but its leader, whatever their parent, and their groups."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            state, _, group, its = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(its) == session != int(entry.name) and state != "Z":
                found[int(entry.name)] = int(group)
    return found


def leaders(process: subprocess.Popen[bytes]) -> list[int]:
    return sorted(one for one, group in living(process.pid).items() if one == group)


@pytest.mark.parametrize("victim", [0, 1])
def test_when_one_is_killed_all_end_and_the_exit_code_says_so(victim: int) -> None:
    with together(_LIVE_BY_ANOTHER, _LIVE_BY_ANOTHER) as process:
        until(lambda: len(living(process.pid)) == 4)
        os.kill(leaders(process)[victim], signal.SIGKILL)
        assert process.wait(DEADLINE) == 1
        until(lambda: not living(process.pid), "the process of the killed one stayed")


def test_one_that_ends_by_itself_ends_all_even_without_an_error() -> None:
    with together(_LIVE, _ENDS_WITHOUT_ERROR) as process:
        assert process.wait(DEADLINE) == 1
        until(lambda: not living(process.pid), "the other one stayed")


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_all_end_and_that_is_no_error(asked: signal.Signals) -> None:
    with together(_LIVE, _LIVE) as process:
        until(lambda: len(leaders(process)) == 2)
        process.send_signal(asked)
        assert process.wait(DEADLINE) == 0
        assert living(process.pid) == {}
