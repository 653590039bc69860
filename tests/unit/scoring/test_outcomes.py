"""Who was won and who was lost, and since when."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.activity import Subject
from plugin.scoring.loading import load
from plugin.scoring.outcomes import Outcome, outcome_of
from plugin.scoring.problems import ScorecardError
from tests.builders import activity, contact, moment, profile, visit

_TEXT = """name: X
{outcomes}
groups:
  - id: g
    dimension: engagement
    rules: [{{id: r, kind: activity, points: 1, activity: page_viewed}}]
bands: [{{id: low}}]
"""
_BOTH = "outcomes: {won: {tag: Customer}, lost: {field: status, equals: lost}}"


def _signs(outcomes: str = _BOTH):
    return load(_TEXT.format(outcomes=outcomes), "card.yaml").outcomes


def _recorded(outcome: str, day: int):
    return activity("outcome_recorded", Subject("deal"), moment(day), outcome=outcome)


def test_a_sign_dates_the_outcome_by_the_profile_in_which_it_came_up():
    told = [visit("/", day=1), profile(3, tags=["customer"]), profile(8, city="Lyon")]
    assert outcome_of(_signs(), contact(*told)) == Outcome(moment(3, 0), "won")
    assert outcome_of(_signs(), contact(*reversed(told))) == Outcome(moment(3, 0), "won")


def test_the_newest_outcome_counts_and_won_if_both_signs_are_there():
    lost = [visit("/", day=1), profile(3, status="lost")]
    assert outcome_of(_signs(), contact(*lost)) == Outcome(moment(3, 0), "lost")
    both = contact(*lost, profile(5, tags=["customer"]))
    assert outcome_of(_signs(), both) == Outcome(moment(5, 0), "won")


def test_an_outcome_may_be_recorded_as_an_activity():
    told = contact(visit("/", day=1), _recorded("won", 4), _recorded("lost", 6))
    assert outcome_of({}, told) == Outcome(moment(6), "lost")
    assert outcome_of({}, contact(visit("/", day=1), _recorded("maybe", 4))) is None


def test_what_was_recorded_last_corrects_what_was_recorded_before_whatever_day_it_is_about():
    def told(outcome: str, day: int, recorded: int):
        at = moment(recorded).isoformat()
        subject = Subject("outcome", outcome)
        return activity(
            "outcome_recorded", subject, moment(day), outcome=outcome, recorded_at=at, id=at
        )

    won, lost, open = told("won", 6, 20), told("lost", 4, 21), told("open", 4, 22)
    assert outcome_of({}, contact(visit("/", day=1), won, lost)) == Outcome(moment(4), "lost")
    assert outcome_of({}, contact(visit("/", day=1), won, lost, open)) is None


def test_who_bore_the_sign_from_the_beginning_has_no_outcome():
    assert outcome_of(_signs(), contact(profile(1, tags=["customer"]), visit("/", day=2))) is None
    assert outcome_of(_signs(), contact()) is None


def test_a_wrong_sign_is_told_with_its_line():
    with pytest.raises(ScorecardError, match=r"card\.yaml:2: scorecard: outcomes\.won"):
        _signs("outcomes: {won: customer}")


@pytest.mark.parametrize("name", ["rehearsal.md", "rehearsal.fr.md"])
def test_the_example_of_the_page_is_read_as_it_says(name: str):
    page = (Path(__file__).parents[3] / "docs" / name).read_text(encoding="utf-8")
    signs = _signs(page.split("```yaml\n")[1].split("```")[0])
    lost = contact(visit("/", day=1), profile(3, status="lost"))
    assert outcome_of(signs, lost) == Outcome(moment(3, 0), "lost")
