"""The budget of calls that threads share."""

from __future__ import annotations

import threading
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from plugin.lines import Limiter


class Time:
    """A clock that sleeping moves on."""

    def __init__(self) -> None:
        self.now = 0.0
        self.passed: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def passing(rates: list[float]) -> list[float]:
    """When each of these calls passed, one after the other without a pause."""
    time = Time()
    limiter = Limiter(lambda: time.now, time.sleep)
    for rate in rates:
        limiter.wait(rate)
        time.passed.append(time.now)
    return time.passed


def test_a_round_passes_at_once_and_the_next_waits_for_its_second() -> None:
    assert passing([5.0] * 11) == [0.0] * 5 + [1.0] * 5 + [2.0]


def test_below_one_call_a_second_the_pauses_are_longer() -> None:
    assert passing([0.5] * 3) == [0.0, 2.0, 4.0]


@given(st.floats(0.5, 50), st.integers(2, 120))
def test_no_stretch_of_a_second_has_more_calls_than_allowed(rate: float, calls: int) -> None:
    allowed = max(1, int(rate))
    passed = passing([rate] * calls)
    assert all(b >= a for a, b in pairwise(passed))
    for first, beyond in zip(passed, passed[allowed:], strict=False):
        assert beyond - first >= allowed / rate - 1e-9


def test_threads_share_one_budget() -> None:
    slept: list[float] = []
    limiter = Limiter(lambda: 0.0, slept.append)
    threads = [threading.Thread(target=limiter.wait, args=(1.0,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == [float(number) for number in range(8)]
