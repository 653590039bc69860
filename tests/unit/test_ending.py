"""How a process learns that it shall end."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from plugin.ending import asked_to_end
from tests.deadlines import DEADLINE

# The worst moment is when the main thread begins to wait for the event and holds its lock.
_PROGRAM = """
import os, signal, sys, threading
from plugin.ending import asked_to_end

def at_the_worst_moment(frame, event, argument):
    if frame.f_code is threading.Condition.wait.__code__:
        sys.settrace(None)
        os.kill(os.getpid(), signal.Signals[sys.argv[1]])

with asked_to_end() as asked:
    sys.settrace(at_the_worst_moment)
    while not asked.is_set():
        asked.wait(0.01)
print("heard")
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_being_asked_to_end_is_heard_at_the_worst_moment_too(name: str) -> None:
    command = [sys.executable, "-c", _PROGRAM, name]
    told = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE)
    assert (told.stdout, told.returncode) == ("heard\n", 0), told.stderr


def test_who_is_started_afterwards_hears_signals_as_before() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with asked_to_end():
        assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) >= {signal.SIGINT, signal.SIGTERM}
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before
