"""How long tests wait for what must come about: other processes, other threads."""

from __future__ import annotations

import time
from collections.abc import Callable

#: Seconds. Nothing is promised by them: a machine with much else to do takes long, and only a test
#: that fails waits for so long. What is promised in seconds is measured on what was done.
DEADLINE = 120


def until(condition: Callable[[], object], otherwise: str = "it did not come about") -> None:
    """Return when the condition holds; fails with ``otherwise`` at the deadline."""
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end, otherwise
        time.sleep(0.005)
