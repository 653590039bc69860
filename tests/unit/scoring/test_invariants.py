"""The invariants of the one definition, on random scorecards and histories."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.activity import Activity, Evidence, Subject
from plugin.scoring.durations import parse_duration
from plugin.scoring.evaluate import Evaluation, evaluate
from plugin.scoring.explanation import explain
from plugin.scoring.fold import fold, folder
from plugin.scoring.history import ProfileFact, history
from plugin.scoring.scorecard import Bounds, Rule, Scorecard
from tests.builders import activity, bounded, card, moment, rule

PATHS = ("/pricing", "/blog", "/")
DECAYS = ("none", "half_life:36h", "linear:90h", "steps:30h,35%,10%", "expires:48h")
PERS = ("ever", "day", "subject", "24h", "2d")

often = settings(max_examples=200, deadline=None)

# A few round hours, so that moments coincide with one another and with the ends of windows.
moments = st.integers(0, 60).map(lambda hours: moment(1, 2 * hours))
limits = st.fixed_dictionaries({"times": st.integers(1, 3), "per": st.sampled_from(PERS)})
halves = st.integers(-40, 40).map(lambda half: half / 2)
bounds = st.one_of(
    st.just(Bounds()),
    st.tuples(halves, halves).map(lambda ends: bounded(cap=max(ends), floor=min(ends))),
    halves.map(lambda cap: bounded(cap=cap)),
)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    keys: dict[str, Any] = {"on": draw(st.sampled_from([True, True, True, False]))}
    if draw(st.booleans()):
        keys["valid_from"] = draw(moments)
    if draw(st.integers(0, 2)) == 0:
        name, value = draw(st.sampled_from("xy")), draw(st.integers(0, 2))
        condition = {"field": name, draw(st.sampled_from(["equals", "at_least"])): value}
        present = {"field": "y", "present": draw(st.booleans())}
        keys["when"] = draw(st.sampled_from([condition, present, {"not": condition}]))
    else:
        keys["group"] = draw(st.sampled_from(["pages", "forms"]))
        keys["decay"] = draw(st.sampled_from(DECAYS))
        keys["evidence"] = draw(st.sampled_from([("human",), ("human", "unknown")]))
        keys["activity"] = draw(st.sampled_from(["page_viewed", "email_clicked"]))
        if draw(st.booleans()):
            keys["url"] = draw(st.sampled_from(["*/pricing*", "*"]))
        if draw(st.booleans()):
            keys["limit"] = draw(limits)
    return rule(draw(halves), **keys)


@st.composite
def cards(draw: st.DrawFn) -> Scorecard:
    drawn = draw(st.lists(rules(), max_size=6))
    weights = {"fit": Fraction(draw(st.integers(0, 9)), 3)}
    return card(
        *(rule_with_id(each, f"rule-{index}") for index, each in enumerate(drawn)),
        groups={id: draw(bounds) for id in ("pages", "forms", "profile")},
        engagement=draw(bounds),
        weights=weights,
        score=draw(bounds),
    )


def rule_with_id(given: Rule, id: str) -> Rule:
    values = {name: getattr(given, name) for name in Rule.__slots__}
    return Rule(**{**values, "id": id})


@st.composite
def activities(draw: st.DrawFn, id: int = 0) -> Activity:
    page = Subject("page", url=f"https://example.org{draw(st.sampled_from(PATHS))}")
    kind = draw(st.sampled_from(["page_viewed", "email_clicked"]))
    evidence = draw(st.sampled_from(list(Evidence)))
    return activity(kind, page, draw(moments), id=str(id), evidence=evidence)


@st.composite
def told(draw: st.DrawFn) -> tuple[list[Activity], list[ProfileFact]]:
    seen = [draw(activities(id=index)) for index in range(draw(st.integers(0, 12)))]
    values = st.sampled_from([None, "0", "1", "2"])
    facts = [
        ProfileFact(draw(moments), str(index), {draw(st.sampled_from("xy")): draw(values)})
        for index in range(draw(st.integers(0, 6)))
    ]
    return seen, facts


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
@given(cards(), told())
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
@given(cards(), told(), st.integers(0, 20_000))
def test_everything_stays_within_its_bounds(scorecard: Scorecard, known: Any, minutes: int) -> None:
    evaluation = evaluated(scorecard, *known, moment(1, 0) + timedelta(minutes=minutes))
    for id, group in scorecard.groups.items():
        assert group.bounds.clamp(evaluation.groups[id]) == evaluation.groups[id]
    for id, dimension in scorecard.dimensions.items():
        assert dimension.bounds.clamp(evaluation.dimensions[id]) == evaluation.dimensions[id]
    assert scorecard.bounds.clamp(evaluation.score) == evaluation.score


@often
@given(cards(), told(), activities(), st.sampled_from([1, -1]), st.sampled_from(["", "5b", "z"]))
def test_an_activity_never_moves_the_score_against_its_points_when_it_happens(
    scorecard: Scorecard, known: Any, new: Activity, sign: int, id: str
) -> None:
    seen, facts = known
    new = activity(new.kind, new.subject, new.occurred_at, id=id, evidence=new.evidence)
    signed = card(
        *(with_sign(each, sign) if each.kind == "activity" else each for each in scorecard.rules),
        groups={id: group.bounds for id, group in scorecard.groups.items()},
        engagement=scorecard.dimensions["engagement"].bounds,
        weights={"fit": scorecard.dimensions["fit"].weight},
        score=scorecard.bounds,
    )
    before = evaluated(signed, seen, facts, new.occurred_at).score
    after = evaluated(signed, [*seen, new], facts, new.occurred_at).score
    assert after * sign >= before * sign


def with_sign(given: Rule, sign: int) -> Rule:
    values = {name: getattr(given, name) for name in Rule.__slots__}
    return Rule(**{**values, "points": sign * abs(given.points)})


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
