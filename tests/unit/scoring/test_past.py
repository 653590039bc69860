"""The bands a history would have entered, week after week."""

from __future__ import annotations

from plugin.scoring.fold import fold
from plugin.scoring.past import rises
from plugin.scoring.scorecard import MICRO, Band
from tests.builders import card, contact, moment, rule, visit

_BANDS = (
    Band("cold", {}),
    Band("warm", {}, 10 * MICRO, 8 * MICRO),
    Band("hot", {}, 20 * MICRO, 15 * MICRO),
)


_SINCE, _UNTIL = moment(1, 0), moment(60)


def _rises(by, *told, since=_SINCE, until=_UNTIL):
    return list(rises(by, fold(by, contact(*told)).lines, since, until))


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
