"""Several platforms' histories of one person become one."""

from __future__ import annotations

from itertools import permutations

from plugin.scoring.history import ProfileFact
from plugin.scoring.joined import joined
from tests.builders import contact, form, moment, profile, visit


def fields(*told: list[ProfileFact]) -> dict[str, object]:
    """What is known in the end."""
    known = joined({str(place): contact(*facts) for place, facts in enumerate(told)})
    return dict(known.profile[-1].fields)


def test_activities_of_both_are_in_one_order_and_never_taken_for_one_another() -> None:
    here, there = contact(visit("/a", 1), visit("/b", 3)), contact(visit("/a", 1), form("Demo", 2))
    both = joined({"": here, "2/": there})
    assert [one.id[:2] for one in both.activities] == ["2/", "pa", "2/", "pa"]
    assert len({one.id for one in both.activities}) == 4


def test_the_value_that_was_told_last_counts() -> None:
    assert fields([profile(1, country="FR")], [profile(2, country="BE")])["country"] == "BE"
    assert fields([profile(3, country="FR")], [profile(2, country="BE")])["country"] == "FR"


def test_saying_again_what_was_said_is_no_news() -> None:
    here = [profile(1, country="FR"), profile(3, country="FR", phone="1")]
    assert fields(here, [profile(2, country="BE")])["country"] == "BE"


def test_who_does_not_know_a_value_deletes_nobody_elses() -> None:
    here = [profile(1, phone="1")]
    assert fields(here, [profile(2, phone=None)])["phone"] == "1"
    assert fields(here, [profile(2, phone="")])["phone"] == "1"


def test_who_deletes_a_value_deletes_it_where_nobody_else_has_one() -> None:
    assert fields([profile(1, phone="1"), profile(2, phone=None)], [])["phone"] is None
    assert fields([profile(1, phone="1"), profile(2, phone=None)], [profile(1, phone="2")]) == {
        "phone": "2"
    }


def test_tags_and_refusals_are_put_together() -> None:
    told = fields(
        [profile(1, tags=["a", "b"], do_not_contact=[])],
        [profile(2, tags=["b", "c"], do_not_contact=["email"])],
    )
    assert told == {"tags": ["a", "b", "c"], "do_not_contact": ["email"]}


def test_the_profile_was_at_each_moment_what_was_known_then() -> None:
    both = joined({"": contact(profile(1, country="FR")), "2/": contact(profile(2, country="BE"))})
    assert [(one.at, one.fields["country"]) for one in both.profile] == [
        (moment(1, 0), "FR"),
        (moment(2, 0), "BE"),
    ]


def test_in_one_moment_the_first_connection_wins_in_any_order() -> None:
    facts = [profile(1, country="FR"), profile(1, order="2", city="Paris")]
    for told in permutations(facts):
        assert fields(list(told), [profile(1, country="BE")])["country"] == "FR"
