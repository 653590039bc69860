"""What every benchmark shares: taking turns, medians, one line of the table for each bar."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


class Missing(Exception):
    """A peer or a tool is not installed; the message says which and how to get it."""


@dataclass(frozen=True)
class Reached:
    """One line of the table. ``beside`` tells the absolute figures; they are never judged."""

    number: str
    what: str
    reached: float
    bar: float
    unit: str
    at_most: bool = False
    beside: str = ""

    @property
    def ok(self) -> bool:
        return self.reached <= self.bar if self.at_most else self.reached >= self.bar


def in_turns(rounds: int, *sides: Callable[[], float]) -> list[list[float]]:
    """What each side measured in every round, all in turn; a round before them warms up."""
    found: list[list[float]] = [[] for _ in sides]
    for turn in range(rounds + 1):
        for side, own in zip(sides, found, strict=True):
            measured = side()
            if turn:
                own.append(measured)
    return found


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios of rounds: both sides of one met the same busy machine."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def cpu_seconds(work: Callable[[], object]) -> float:
    """Processor seconds of this process."""
    started = time.process_time()
    work()
    return time.process_time() - started


def wall_seconds(work: Callable[[], object]) -> float:
    """Seconds by the clock."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def cpu_of(*command: str) -> float:
    """Processor seconds of Python with these arguments and of all it starts, until it ends."""
    before = _children()
    subprocess.run([sys.executable, *command], check=True, stdout=subprocess.DEVNULL)
    return _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
