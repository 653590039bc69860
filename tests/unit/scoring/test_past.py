"""The bands a history would have entered, week after week."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.scoring.bands import next_band
from plugin.scoring.evaluate import evaluate
from plugin.scoring.fold import fold
from plugin.scoring.past import bands_reached, entries
from plugin.scoring.scorecard import MICRO, Band
from tests.builders import card, contact, moment, rule, visit

_BANDS = (
    Band("cold", {}),
    Band("warm", {}, 10 * MICRO, 8 * MICRO),
    Band("hot", {}, 20 * MICRO, 15 * MICRO),
)


_SINCE, _UNTIL = moment(1, 0), moment(60)


def _rises(by, *told, since=_SINCE, until=_UNTIL):
    found = entries(by, fold(by, contact(*told)).lines, since, until)
    return [(one.at, one.band) for one in found if one.rises]


def test_each_band_is_entered_once_on_the_way_up():
    by = card(rule(5), bands=_BANDS)
    visits = [visit("/", day=day) for day in range(2, 9)]
    assert _rises(by, *visits) == [(moment(3), "warm"), (moment(5), "hot")]


def test_a_band_left_by_decay_is_entered_anew():
    by = card(rule(12, decay="expires:5d"), bands=_BANDS)
    assert _rises(by, visit("/", day=2), visit("/", day=20)) == [
        (moment(2), "warm"),
        (moment(20), "warm"),
    ]


def test_what_was_reached_before_the_time_looked_at_is_not_entered():
    by = card(rule(12), bands=_BANDS)
    assert _rises(by, visit("/", day=2), since=moment(10)) == []


def test_what_comes_after_is_left_out():
    by = card(rule(12), bands=_BANDS)
    assert _rises(by, visit("/", day=20), until=moment(19)) == []
    assert _rises(by, visit("/", day=20), until=moment(20)) == [(moment(20), "warm")]


def test_a_band_is_left_when_its_points_expire_and_not_before_its_stay_is_over():
    resting = Band("warm", {}, 10 * MICRO, 8 * MICRO, stay=timedelta(days=9))
    for warm, left in ((_BANDS[1], moment(7)), (resting, moment(11))):
        by = card(rule(12, decay="expires:5d"), bands=(_BANDS[0], warm))
        lines = fold(by, contact(visit("/", day=2))).lines
        rise, fall = entries(by, lines, _SINCE, _UNTIL)
        assert (rise.at, rise.band, rise.rises) == (moment(2), "warm", True)
        assert (fall.band, fall.rises) == ("cold", False)
        assert abs(fall.at - left) <= timedelta(seconds=30)


def test_the_best_band_before_a_moment_brings_all_below_it():
    by = card(rule(12, decay="expires:5d"), bands=_BANDS)
    lines = fold(by, contact(visit("/", day=2), visit("/", day=3))).lines
    assert bands_reached(by, lines, moment(2)) == ("cold",)
    assert bands_reached(by, lines, moment(3)) == ("cold", "warm")
    assert bands_reached(by, lines, moment(30)) == ("cold", "warm", "hot")


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 500), st.sampled_from(["/", "/bad"])), max_size=12),
    st.sampled_from(["none", "half_life:3d", "linear:9d", "expires:4d", "steps:2d,25%,0%"]),
)
def test_skipping_what_is_quiet_finds_what_looking_at_every_hour_finds(visits, decay):
    by = card(
        rule(6, id="good", decay=decay, url="*/"),
        rule(-7, id="bad", decay="expires:2d", url="*/bad"),
        bands=_BANDS,
    )
    told = [visit(path, day=2, hour=hour, id=f"{hour}{path}") for hour, path in visits]
    lines = fold(by, contact(*told)).lines
    found = {one.at: one.band for one in entries(by, lines, _SINCE, _UNTIL)}
    band = by.bands[0].id
    for hour in range(24 * 30):
        at = _SINCE + timedelta(hours=hour, minutes=30)
        band = next_band(by.bands, band, evaluate(by, lines, at).score).id
        # What time alone changes may be noticed half a minute late.
        told = {_band_at(found, at), _band_at(found, at + timedelta(seconds=30))}
        assert band in told


def _band_at(found, at):
    newest = max((moment for moment in found if moment <= at), default=None)
    return found[newest] if newest else "cold"
