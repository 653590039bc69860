"""What a scorecard would have asked for, had it been in force."""

from __future__ import annotations

from datetime import timedelta

from plugin.scoring.asked import asked
from plugin.scoring.fold import fold
from plugin.scoring.past import entries
from plugin.scoring.scorecard import MICRO, Action, Band
from tests.builders import card, contact, moment, profile, rule, visit

_MAIL, _STAGE = Action("send_email", "5"), Action("set_stage", "1")
_BANDS = (Band("cold", {}, on_fall=(_STAGE,)), Band("hot", {}, 10 * MICRO, 10 * MICRO))
_KNOWN = profile(1, email="ada@nova.example")
_SPAN = moment(1, 0), moment(60)


def _asked(by, *told, span=_SPAN):
    past = contact(*told)
    lines = fold(by, past).lines
    found = asked(by, past, lines, list(entries(by, lines, *span)), *span)
    return [(one.at, one.occasion, one.action.name) for one in found]


def _loud(**keys):
    return (_BANDS[0], Band("hot", {}, 10 * MICRO, 10 * MICRO, on_rise=(_MAIL,), **keys))


def test_each_entry_asks_for_what_its_band_wants():
    by = card(rule(10, decay="expires:5d"), bands=_loud())
    found = _asked(by, _KNOWN, visit("/", day=2))
    assert found[0] == (moment(2), "rise:hot", "send_email")
    assert found[1][1:] == ("fall:cold", "set_stage")


def test_a_band_rests_for_its_rearm():
    visits = [visit("/", day=day) for day in (2, 9, 20)]
    for rearm, mails in ((timedelta(), 3), (timedelta(days=8), 2), (timedelta(days=90), 1)):
        by = card(rule(10, decay="expires:5d"), bands=_loud(rearm=rearm))
        found = _asked(by, _KNOWN, *visits)
        assert sum(name == "send_email" for *_, name in found) == mails


def test_a_visitor_s_actions_wait_for_the_identification():
    by = card(rule(10), bands=_loud())
    known = profile(9, 12, email="ada@nova.example")
    assert _asked(by, visit("/", day=2), known) == [(moment(9), "rise:hot", "send_email")]
    assert _asked(by, visit("/", day=2)) == []


def test_what_a_visitor_fell_back_from_before_is_not_done():
    by = card(rule(10, decay="expires:5d"), bands=_loud())
    known = profile(9, email="ada@nova.example")
    assert [name for *_, name in _asked(by, visit("/", day=2), known)] == ["set_stage"]


def test_who_must_not_be_mailed_gets_no_mail():
    by = card(rule(10), bands=_loud())
    refuses = profile(1, order="2", do_not_contact=["email"])
    assert _asked(by, _KNOWN, refuses, visit("/", day=2)) == []


def test_a_rule_asks_at_each_earning_and_not_for_those_of_before():
    by = card(rule(1, id="price", actions=(_STAGE,)), bands=_BANDS)
    visits = [visit("/", day=day) for day in (2, 5, 8)]
    assert _asked(by, _KNOWN, *visits, span=(moment(3), moment(6))) == [
        (moment(5), "rule:price", "set_stage")
    ]
