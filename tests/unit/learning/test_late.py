"""What is filled in because of a win is left out by name, and nothing else is."""

from __future__ import annotations

from builders import contact, moment, profile, visit

from plugin.learning.candidates import Candidate
from plugin.learning.case import Case
from plugin.learning.late import late_fields, late_leaks
from plugin.scoring.outcomes import Outcome

WON = Outcome(moment(10), "won")


def winner(filled_on: float) -> Case:
    told = [visit("/", 1), profile(1, city="Lyon", client_number="")]
    return Case(contact(*told, profile(filled_on, client_number="C7")), WON)


def test_a_field_that_most_winners_got_at_the_win_is_late() -> None:
    cases = [winner(11), winner(12), winner(10.5), winner(13), winner(4)]
    assert late_fields(cases) == {"client_number": 0.8}


def test_a_field_known_before_the_win_or_of_those_not_won_is_not() -> None:
    lost = [Case(one.past, Outcome(moment(2), "lost")) for one in map(winner, [11] * 9)]
    assert late_fields([winner(4)] * 6 + [winner(11)] * 5 + lost) == {}


def test_the_rules_that_ask_it_are_named() -> None:
    found = [Candidate("a", "fit", {}, "client_number"), Candidate("b", "fit", {}, "city")]
    [leak] = late_leaks(found, {"client_number": 0.8})
    assert (leak.column, leak.sign, leak.figure) == ("a", "late", 0.8)
