"""Nothing is missed between two looks, and there are few of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.scoring.bands import kept_band
from plugin.scoring.decay import parse_decay
from plugin.scoring.evaluate import evaluate, whole_points
from plugin.scoring.lines import Folding, Line
from plugin.scoring.scorecard import MICRO, Action, Band, Scorecard
from plugin.scoring.wakeup import CLOSEST, lags, next_look
from tests.builders import bounded, card, moment, rule

NOW = moment(1)
BANDS = (
    Band("cold", {}, tag="cold"),
    Band("warm", {}, 20 * MICRO, 15 * MICRO, "warm", stay=timedelta(days=2)),
    Band("hot", {}, 40 * MICRO, 30 * MICRO, "hot"),
)
DECAYS = ["none", "half_life:10d", "linear:20d", "steps:7d,30%,10%", "expires:12d", "half_life:1h"]
SECOND = timedelta(seconds=1)

hours = st.integers(-400, 400).map(lambda hour: NOW + timedelta(hours=hour))


@st.composite
def lines(draw: st.DrawFn) -> Line:
    start = draw(hours)
    span = draw(st.none() | st.integers(1, 500))
    end = None if span is None else start + timedelta(hours=span)
    group = draw(st.sampled_from(["pages", "forms", "profile"]))
    dimension = "fit" if group == "profile" else "engagement"
    points = draw(st.integers(-30, 60)) * MICRO
    decay = parse_decay(draw(st.sampled_from(DECAYS)))
    return Line("rule", group, dimension, points, decay, start, end, (), "activity")


@st.composite
def cards(draw: st.DrawFn) -> Scorecard:
    cap = draw(st.none() | st.integers(0, 60))
    return card(
        groups={"pages": bounded(cap=cap, floor=draw(st.none() | st.just(0)))},
        weights={"fit": Fraction(draw(st.integers(0, 4)), 4)},
        score=bounded(floor=0, cap=100),
        bands=BANDS,
    )


def held_at(scorecard: Scorecard, drawn: list[Line], band: Band, at: datetime) -> dict[str, Any]:
    found = evaluate(scorecard, drawn, at)
    return {
        "score": whole_points(found.score),
        **{name: whole_points(value) for name, value in found.dimensions.items()},
        "grade": found.grade,
        "band": band.id,
        "tag": band.tag,
    }


@settings(max_examples=80, deadline=None)
@given(cards(), st.lists(lines(), max_size=6), st.sampled_from(["cold", "warm", "hot"]))
def test_nothing_happens_before_the_promised_moment(
    scorecard: Scorecard, drawn: list[Line], was: str
) -> None:
    band = kept_band(BANDS, was, NOW, evaluate(scorecard, drawn, NOW).score, NOW)
    held = held_at(scorecard, drawn, band, NOW)
    look = next_look(scorecard, Folding(drawn), band, NOW, held, NOW)
    late = CLOSEST if look is not None and look <= NOW + CLOSEST else 30 * SECOND
    end = NOW + timedelta(days=60) if look is None else look - late
    step = max((end - NOW) / 97, SECOND)
    at = NOW
    while at <= end:
        kept = kept_band(BANDS, band.id, NOW, evaluate(scorecard, drawn, at).score, at)
        now_held = held_at(scorecard, drawn, kept, at)
        assert kept == band
        assert not lags(scorecard, held, now_held)
        at += step


@settings(max_examples=40, deadline=None)
@given(cards(), st.lists(lines(), max_size=6))
def test_following_the_looks_misses_nothing_and_ends(
    scorecard: Scorecard, drawn: list[Line]
) -> None:
    at, since, looks = NOW, NOW, 0
    band = kept_band(BANDS, "cold", since, evaluate(scorecard, drawn, at).score, at)
    held = held_at(scorecard, drawn, band, at)
    end = NOW + timedelta(days=40)
    while (
        look := next_look(scorecard, Folding(drawn), band, since, held, at)
    ) is not None and look < end:
        assert look > at
        at, looks = look, looks + 1
        kept = kept_band(BANDS, band.id, since, evaluate(scorecard, drawn, at).score, at)
        band, since = kept, since if kept == band else at
        values = held_at(scorecard, drawn, band, at)
        held = values if lags(scorecard, held, values) else held
        assert looks < 2000
    values = held_at(scorecard, drawn, band, end - SECOND)
    assert kept_band(BANDS, band.id, since, evaluate(scorecard, drawn, end).score, end) == band or (
        look is not None and look - end <= CLOSEST
    )
    assert not lags(scorecard, held, values) or (look is not None and look - end <= CLOSEST)


def _line(points: float, decay: str = "none", began: float = 1, group: str = "pages") -> Line:
    return Line(
        "rule",
        group,
        "engagement",
        round(points * MICRO),
        parse_decay(decay),
        moment(began),
        None,
        (),
        "activity",
    )


def test_without_decay_nobody_is_ever_looked_at() -> None:
    assert next_look(card(bands=BANDS), Folding([_line(19)]), BANDS[0], NOW, None, NOW) is None


def test_a_threshold_met_by_decay_is_found_at_its_moment_in_one_look() -> None:
    look = next_look(
        card(bands=BANDS), Folding([_line(60, "half_life:30d")]), BANDS[2], NOW, None, NOW
    )
    assert look is not None
    assert timedelta() <= look - (NOW + timedelta(days=30)) <= timedelta(seconds=30)


def test_fading_below_a_cap_is_not_looked_at() -> None:
    capped = card(bands=BANDS, groups={"pages": bounded(cap=30)})
    fading = [_line(60, "linear:30d"), _line(60, "linear:30d")]
    held = held_at(capped, fading, BANDS[2], NOW)
    look = next_look(capped, Folding(fading), BANDS[2], NOW, held, NOW)
    # 120 points fade to the 30 of the cap, which is where the band is left, in 22.5 days.
    assert look is not None
    assert abs(look - NOW - timedelta(days=22.5)) <= timedelta(minutes=1)


def test_who_sits_on_a_threshold_for_good_is_not_looked_at_again_and_again() -> None:
    on_it = [_line(30), _line(0.000_001, "half_life:30d")]
    at, looks = NOW, 0
    while (
        look := next_look(card(bands=BANDS), Folding(on_it), BANDS[2], NOW, None, at)
    ) is not None:
        at, looks = look, looks + 1
        assert looks < 5


@pytest.mark.parametrize(("tolerance_held", "days"), [(60, 0.5), (None, None)])
def test_a_platform_that_may_lag_is_written_to_only_beyond_the_tolerance(
    tolerance_held: int | None, days: float | None
) -> None:
    fading = [_line(60, "linear:5d")]
    cold = card(bands=BANDS[:1])
    held = held_at(cold, fading, BANDS[0], NOW) if tolerance_held else None
    look = next_look(cold, Folding(fading), BANDS[0], NOW, held, NOW)
    if days is None:
        assert look is None
    else:
        # 54.5 is written as 55, 54.49 as 54: six points off.
        assert look is not None
        assert abs(look - NOW - timedelta(days=5.5 / 12)) <= timedelta(minutes=1)


def test_the_end_of_a_stay_is_looked_at() -> None:
    look = next_look(
        card(bands=BANDS), Folding([_line(2)]), BANDS[1], NOW, None, NOW + timedelta(hours=1)
    )
    assert look == NOW + timedelta(days=2)


def test_an_action_whose_rule_begins_to_hold_is_looked_at_though_no_point_changes() -> None:
    acting = rule(0, actions=(Action("send_email", "1"),))
    begins = _line(0)._replace(valid_from=moment(9))
    assert next_look(
        card(acting, bands=BANDS), Folding([begins]), BANDS[0], NOW, None, NOW
    ) == moment(9)
