"""The invariants of the one definition, on random scorecards and histories."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st
from kind_strategies import DECIDED, KEYS, activities, halves, limits, renamed, rules, told

from connectors.activity import Activity
from plugin.scoring.bands import next_band
from plugin.scoring.durations import parse_duration
from plugin.scoring.evaluate import Evaluation, evaluate, standing, whole_points
from plugin.scoring.explanation import explain
from plugin.scoring.fold import fold, folder
from plugin.scoring.history import history
from plugin.scoring.kinds import KINDS
from plugin.scoring.lines import Folding
from plugin.scoring.scorecard import MICRO, Band, Bounds, Scorecard
from plugin.scoring.wakeup import next_look
from tests.builders import bounded, card, moment, rule

EARNED = tuple(name for name, kind in KINDS.items() if kind.family == "earned")

BANDS = (Band("cold", {}), Band("warm", {}, 8 * MICRO, 5 * MICRO))

#: `make torture` asks for thousands.
often = settings(max_examples=int(os.environ.get("MATURO_EXAMPLES", "25")), deadline=None)

bounds = st.one_of(
    st.just(Bounds()),
    st.tuples(halves, halves).map(lambda ends: bounded(cap=max(ends), floor=min(ends))),
    halves.map(lambda cap: bounded(cap=cap)),
)


@st.composite
def cards(draw: st.DrawFn, kinds: tuple[str, ...] = tuple(KEYS)) -> Scorecard:
    drawn = draw(st.lists(rules(kinds), max_size=8))
    weights = {"fit": Fraction(draw(st.integers(0, 9)), 3)}
    return card(
        *(renamed(each, id=f"rule-{index}") for index, each in enumerate(drawn)),
        groups={id: draw(bounds) for id in ("pages", "forms", "profile")},
        engagement=draw(bounds),
        weights=weights,
        score=draw(bounds),
    )


def evaluated(scorecard: Scorecard, seen: Any, facts: Any, at: datetime) -> Evaluation:
    return evaluate(scorecard, fold(scorecard, history(seen, facts)).lines, at)


@often
@given(cards(), told(), st.randoms(use_true_random=False), st.integers(0, 4))
def test_neither_order_nor_duplication_changes_anything(
    scorecard: Scorecard, known: Any, random: Any, twice: int
) -> None:
    seen, facts = known
    again = [*seen, *seen[:twice]]
    facts_again = [*facts, *facts[:twice]]
    random.shuffle(again)
    random.shuffle(facts_again)
    straight = fold(scorecard, history(seen, facts))
    assert fold(scorecard, history(again, facts_again)) == straight


@often
@given(cards(), told(DECIDED))
def test_what_came_later_does_not_change_the_score_of_any_earlier_moment(
    scorecard: Scorecard, known: Any
) -> None:
    seen, facts = known
    folds = folder(scorecard)
    whole = folds(history(seen, facts))
    for at in {item.occurred_at for item in seen} | {fact.at for fact in facts}:
        before = history(
            [item for item in seen if item.occurred_at <= at],
            [fact for fact in facts if fact.at <= at],
        )
        then = folds(before)
        score = evaluate(scorecard, then.lines, at).score
        assert score == evaluate(scorecard, whole.lines, at).score
        assert [line for line in then.lines if line.activities] == [
            line for line in whole.lines if line.activities and line.valid_from <= at
        ]


@often
@given(cards(), told(), st.integers(0, 20_000))
def test_lines_and_adjustments_sum_to_the_score_at_every_moment(
    scorecard: Scorecard, known: Any, minutes: int
) -> None:
    at = moment(1, 0) + timedelta(minutes=minutes)
    evaluation = evaluated(scorecard, *known, at)
    shown = [*evaluation.contributions, *evaluation.adjustments]
    assert sum(each.points for each in shown) == evaluation.score
    explanation = explain(scorecard, fold(scorecard, history(*known)), at, "fr")
    told_of = [*explanation.lines, *explanation.adjustments]
    assert sum(reason.now for reason in told_of) == explanation.score == evaluation.score


@often
@given(cards(), told(), st.integers(-100, 20_000))
def test_a_score_without_lines_is_the_score_of_the_lines(
    scorecard: Scorecard, known: Any, minutes: int
) -> None:
    at = moment(1, 0) + timedelta(minutes=minutes)
    folding = fold(scorecard, history(*known))
    short, whole = standing(scorecard, folding, at), evaluate(scorecard, folding.lines, at)
    assert (short.dimensions, short.score, short.grade) == (
        whole.dimensions,
        whole.score,
        whole.grade,
    )


@often
@given(cards(), told(), st.integers(-100, 20_000))
def test_the_next_look_is_the_same_with_and_without_lines(
    scorecard: Scorecard, known: Any, minutes: int
) -> None:
    at = moment(1, 0) + timedelta(minutes=minutes)
    scorecard = replace(scorecard, bands=BANDS)
    folding = fold(scorecard, history(*known))
    now = standing(scorecard, folding, at)
    held = {"score": whole_points(now.score)}
    held |= {name: whole_points(value) for name, value in now.dimensions.items()}
    band = next_band(BANDS, None, now.score)
    looks = [
        next_look(scorecard, each, band, at, held, at) for each in (folding, Folding(folding.lines))
    ]
    assert (looks[0] is None) == (looks[1] is None)
    assert looks[0] is None or abs(looks[0] - looks[1]) <= timedelta(minutes=1)


@often
@given(cards(), told(), st.integers(0, 20_000))
def test_everything_stays_within_its_bounds(scorecard: Scorecard, known: Any, minutes: int) -> None:
    evaluation = evaluated(scorecard, *known, moment(1, 0) + timedelta(minutes=minutes))
    for id, group in scorecard.groups.items():
        assert group.bounds.clamp(evaluation.groups[id]) == evaluation.groups[id]
    for id, dimension in scorecard.dimensions.items():
        assert dimension.bounds.clamp(evaluation.dimensions[id]) == evaluation.dimensions[id]
    assert scorecard.bounds.clamp(evaluation.score) == evaluation.score


@often
@given(
    cards((*EARNED, "field")),
    told(DECIDED),
    activities(evidence=DECIDED),
    st.sampled_from([1, -1]),
    st.sampled_from(["", "5b", "z"]),
)
def test_an_activity_never_moves_the_score_against_its_points_when_it_happens(
    scorecard: Scorecard, known: Any, new: Activity, sign: int, id: str
) -> None:
    seen, facts = known
    new = new._replace(id=id)
    signed = card(
        *(
            renamed(each, points=sign * abs(each.points)) if each.kind in EARNED else each
            for each in scorecard.rules
        ),
        groups={id: group.bounds for id, group in scorecard.groups.items()},
        engagement=scorecard.dimensions["engagement"].bounds,
        weights={"fit": scorecard.dimensions["fit"].weight},
        score=scorecard.bounds,
    )
    before = evaluated(signed, seen, facts, new.occurred_at).score
    after = evaluated(signed, [*seen, new], facts, new.occurred_at).score
    assert after * sign >= before * sign


@often
@given(told(), limits, st.sampled_from(["Europe/Paris", "Pacific/Auckland", "America/New_York"]))
def test_limits_agree_with_their_definition_word_for_word(
    known: Any, limit: dict[str, Any], timezone: str
) -> None:
    scorecard = card(rule(limit=limit), timezone=timezone)
    told_of = history(known[0], [])
    counted: list[Activity] = []
    for each in told_of.activities:
        if each.kind == "page_viewed" and each.evidence != "machine":
            same = [other for other in counted if together(each, other, limit["per"], timezone)]
            if len(same) < limit["times"]:
                counted.append(each)
    lines = fold(scorecard, told_of).lines
    assert [line.activities for line in lines] == [(each.id,) for each in counted]


def together(one: Activity, other: Activity, per: str, timezone: str) -> bool:
    if per == "subject":
        return one.subject == other.subject
    if per == "day":
        zone = ZoneInfo(timezone)
        days = {each.occurred_at.astimezone(zone).date() for each in (one, other)}
        return len(days) == 1
    return per == "ever" or one.occurred_at - other.occurred_at < parse_duration(per)
