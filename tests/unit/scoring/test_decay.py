from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.scoring.decay import (
    Expires,
    HalfLife,
    Linear,
    NoDecay,
    Steps,
    decayed,
    format_decay,
    parse_decay,
    parse_share,
    round_half_up,
)
from plugin.scoring.durations import format_duration, parse_duration

DAY = timedelta(days=1)
POINT = 1_000_000


@pytest.mark.parametrize(
    ("points", "decay", "day", "left"),
    [
        (10, "steps:30d,50%,0", 0, 10),
        (10, "steps:30d,50%,0", 30, 5),
        (10, "steps:30d,50%,0", 60, 0),
        (10, "linear:60d", 30, 5),
        (9, "linear:90d", 3, 8.7),
        (9, "linear:90d", 90, 0),
        (9, "linear:90d", 91, 0),
        (8, "half_life:30d", 60, 2),
        (20, "steps:45d,15%,0", 44, 20),
        (20, "steps:45d,15%,0", 45, 17),
        (20, "steps:45d,15%,0", 90, 14),
        (20, "steps:45d,15%,40%", 3000, 8),
        (7, "none", 9999, 7),
        (7, "expires:30d", 29, 7),
        (7, "expires:30d", 30, 0),
        (-10, "half_life:30d", 30, -5),
        (-10, "linear:60d", 30, -5),
    ],
)
def test_points_fade_as_the_definition_says(points: int, decay: str, day: int, left: float) -> None:
    assert decayed(points * POINT, parse_decay(decay), day * DAY) == round(left * POINT)


def test_expiry_is_at_the_very_moment() -> None:
    assert decayed(7, Expires(DAY), DAY - timedelta(microseconds=1)) == 7
    assert decayed(7, Expires(DAY), DAY) == 0


def test_a_step_is_taken_at_the_very_end_of_its_period() -> None:
    steps = Steps(DAY, Fraction(1, 2))
    assert decayed(10, steps, DAY - timedelta(microseconds=1)) == 10
    assert decayed(10, steps, DAY) == 5


def test_half_a_micro_point_is_rounded_up_above_and_below_zero() -> None:
    assert decayed(1, Linear(2 * DAY), DAY) == 1
    assert decayed(-1, Linear(2 * DAY), DAY) == 0
    assert decayed(1, HalfLife(DAY), DAY) == 1
    assert decayed(-1, HalfLife(DAY), DAY) == 0
    assert round_half_up(Fraction(-3, 2)) == -1


spans = st.integers(1, 50_000).map(lambda minutes: timedelta(minutes=minutes))
shares = st.integers(0, 10_000).map(lambda hundredths: Fraction(hundredths, 10_000))
decays = st.one_of(
    st.just(NoDecay()),
    st.builds(HalfLife, spans),
    st.builds(Linear, spans),
    st.builds(Expires, spans),
    st.builds(Steps, spans, shares, shares),
)


@given(decays)
def test_a_decay_survives_as_text(decay: object) -> None:
    assert parse_decay(format_decay(decay)) == decay  # type: ignore[arg-type]


@given(st.integers(-(10**12), 10**12), decays, st.integers(0, 10**6), st.integers(0, 10**6))
def test_nothing_grows_or_changes_sign_by_getting_old(
    points: int, decay: object, minutes: int, more: int
) -> None:
    young, old = (
        decayed(points, decay, timedelta(minutes=age))  # type: ignore[arg-type]
        for age in (minutes, minutes + more)
    )
    assert abs(old) <= abs(young) <= abs(points)
    assert old * points >= 0
    assert decayed(points, decay, timedelta()) == points  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("half-life:30d", "none or one of half_life, linear, steps, expires"),
        ("none:3d", "none or one of"),
        ("half_life:30", "duration such as 30d"),
        ("linear:0d", "duration such as 30d"),
        ("expires:99999w", "at most 36500d"),
        ("steps:30d,50%", "steps:<every>,<lose>,<floor>"),
        ("steps:30d,150%,0", "between 0% and 100%"),
        ("steps:30d,x,0", "between 0% and 100%"),
    ],
)
def test_a_bad_decay_says_what_was_expected(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_decay(text)


@pytest.mark.parametrize(
    ("text", "canonical"), [("2w", "14d"), ("36h", "36h"), ("48h", "2d"), (" 90m ", "90m")]
)
def test_durations_have_one_canonical_text(text: str, canonical: str) -> None:
    assert format_duration(parse_duration(text)) == canonical


def test_a_share_may_stand_with_or_without_its_sign() -> None:
    assert parse_share("12.5 %") == parse_share("12.5") == Fraction(1, 8)
