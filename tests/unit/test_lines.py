"""The budget of requests that threads share."""

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
    """When each of these requests passed, one after the other without a pause."""
    time = Time()
    limiter = Limiter(0, lambda: time.now, time.sleep)
    for limiter.per_second in rates:
        limiter.wait()
        time.passed.append(time.now)
    return time.passed


def test_what_five_seconds_allow_passes_at_once_and_the_next_waits() -> None:
    assert passing([5.0] * 51) == [0.0] * 25 + [5.0] * 25 + [10.0]


def test_far_below_one_request_a_second_the_pauses_are_longer() -> None:
    assert passing([0.1] * 3) == [0.0, 10.0, 20.0]


@given(st.floats(0.1, 20), st.integers(2, 250))
def test_no_stretch_of_five_seconds_has_more_than_allowed(rate: float, requests: int) -> None:
    allowed = max(1, int(rate * 5))
    passed = passing([rate] * requests)
    assert all(b >= a for a, b in pairwise(passed))
    for first, beyond in zip(passed, passed[allowed:], strict=False):
        assert beyond - first >= allowed / rate - 1e-9


def test_threads_share_one_budget() -> None:
    slept: list[float] = []
    limiter = Limiter(0.2, lambda: 0.0, slept.append)
    threads = [threading.Thread(target=limiter.wait) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == [5.0 * number for number in range(8)]
