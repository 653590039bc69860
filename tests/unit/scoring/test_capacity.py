"""A week's calls are filled by who rises to a threshold, not by who has always stood above it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plugin.scoring.capacity import Rise, filling, risen, rising

POINTS = st.floats(-20, 40)
RISES = st.lists(st.builds(Rise, st.none() | POINTS, POINTS), max_size=30)


def test_who_stood_there_before_is_not_called_again() -> None:
    rose = risen([Rise(30, 31), Rise(10, 31), Rise(None, 31), Rise(31, 5)])
    assert rising(rose, 31) == 3
    assert rising(rose, 30) == 2
    assert rising(rose, 11) == 2
    assert rising(rose, 10) == 1
    assert rising(rose, 32) == 0


def test_the_threshold_is_the_lowest_that_fills_no_more_calls_than_there_are() -> None:
    rose = risen([Rise(0, points) for points in (50, 40, 40, 30, 20)])
    assert [filling(rose, calls) for calls in (1, 2, 3, 4)] == [50, 50, 40, 30]


def test_where_too_many_rise_to_the_highest_points_no_threshold_helps() -> None:
    assert filling(risen([Rise(0, 50)] * 3), 2) is None
    assert filling(risen([]), 2) is None


@given(RISES, st.integers(-25, 45))
def test_a_rise_is_counted_where_it_passes(rises: list[Rise], points: int) -> None:
    passed = [one for one in rises if one.best >= points]
    expected = [one for one in passed if one.before is None or one.before < points]
    assert rising(risen(rises), points) == len(expected)


@given(RISES, st.integers(0, 30))
def test_a_threshold_never_fills_more_calls_than_asked(rises: list[Rise], calls: int) -> None:
    rose = risen(rises)
    least = filling(rose, calls)
    if least is not None:
        assert all(rising(rose, points) <= calls for points in range(least, 45))
