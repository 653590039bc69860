from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugin.scoring.bands import next_band
from plugin.scoring.scorecard import Band

BANDS = (Band("cold", {}), Band("warm", {}, 30, 25), Band("hot", {}, 60, 50))


@pytest.mark.parametrize(
    ("current", "score", "expected"),
    [
        (None, -5, "cold"),
        (None, 29, "cold"),
        (None, 30, "warm"),
        (None, 60, "hot"),
        ("cold", 29, "cold"),
        ("cold", 75, "hot"),
        ("warm", 25, "warm"),
        ("warm", 24, "cold"),
        ("warm", 59, "warm"),
        ("hot", 50, "hot"),
        ("hot", 49, "warm"),
        ("hot", 27, "warm"),
        ("hot", 24, "cold"),
        ("withdrawn-band", 27, "cold"),
    ],
)
def test_a_band_is_entered_and_left_at_different_scores(
    current: str | None, score: int, expected: str
) -> None:
    assert next_band(BANDS, current, score).id == expected


@given(st.sampled_from([None, "cold", "warm", "hot"]), st.integers(-10, 100))
def test_a_score_that_stays_keeps_its_band(current: str | None, score: int) -> None:
    band = next_band(BANDS, current, score)
    assert next_band(BANDS, band.id, score) == band
