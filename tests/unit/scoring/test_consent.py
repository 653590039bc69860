"""What is not agreed to is as if it had never come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.activity import Activity, Subject
from plugin.scoring.consent import ConsentSchema, compile_consent
from plugin.scoring.evaluate import evaluate
from plugin.scoring.explanation import explain
from plugin.scoring.fold import fold
from plugin.scoring.history import ProfileFact, history
from plugin.scoring.history import profile as snapshots
from plugin.scoring.lines import Folding
from plugin.scoring.loading import load
from plugin.scoring.problems import ScorecardError
from plugin.scoring.scorecard import MICRO, Scorecard
from tests.builders import activity, card, contact, moment, profile, rule, visit

OPENS = {"opens": {"field": "consent_opens", "equals": True}}


def with_consent(*rules: Any, **keys: Any) -> Scorecard:
    return replace(card(*rules), consent=compile_consent(ConsentSchema().load(keys)))


def opened(day: float, hour: int = 12) -> Activity:
    return activity("email_opened", Subject("email", "5", "Mail"), moment(day, hour))


def score(scorecard: Scorecard, at: datetime, *told: Activity | ProfileFact) -> float:
    return evaluate(scorecard, fold(scorecard, contact(*told)).lines, at).score / MICRO


def not_counted(folding: Folding, at: datetime) -> list[tuple[str, str]]:
    return [(one.rule, one.reason) for one in folding.skipped if one.holds(at)]


MAILS = rule(4, id="mails", activity="email_opened", decay="half_life:10d")


def test_opens_without_consent_earn_nothing_and_it_is_told() -> None:
    scorecard = with_consent(MAILS, **OPENS)
    told = contact(profile(1, consent_opens="no"), opened(2))
    folding = fold(scorecard, told)
    assert folding.lines == ()
    assert not_counted(folding, moment(3)) == [("mails", "consent")]
    english, french = (
        explain(scorecard, folding, moment(3), lang).not_counted[0].sentence
        for lang in ("en", "fr")
    )
    assert english.endswith("does not count: there is no consent to use it.")
    assert "il n’y a pas de consentement" in french


@pytest.mark.parametrize(("unless_known", "points"), [("allow", 4), ("deny", 0)])
def test_an_unknown_answer_means_what_the_scorecard_says(unless_known: str, points: int) -> None:
    scorecard = with_consent(MAILS, unless_known=unless_known, **OPENS)
    assert score(scorecard, moment(2), opened(2)) == points
    assert score(scorecard, moment(2), profile(1, country="FR"), opened(2)) == points


def test_withdrawal_ends_the_points_and_return_restores_them_decayed_all_along() -> None:
    scorecard = with_consent(MAILS, **OPENS)
    told = (
        opened(1),
        profile(3, consent_opens="no"),
        opened(4),
        profile(11, hour=12, consent_opens="yes"),
    )
    assert score(scorecard, moment(1), *told) == 4
    assert score(scorecard, moment(3, 0), *told) == 0
    assert score(scorecard, moment(11, 11), *told) == 0
    assert score(scorecard, moment(11), *told) == 2
    assert score(scorecard, moment(21), *told) == 1


def test_a_line_that_holds_again_keeps_the_day_it_began() -> None:
    scorecard = with_consent(MAILS, **OPENS)
    told = contact(opened(1), profile(3, consent_opens="no"), profile(11, consent_opens="yes"))
    first, second = fold(scorecard, told).lines
    assert (first.valid_from, first.valid_to, first.since) == (moment(1), moment(3, 0), None)
    assert (second.valid_from, second.valid_to, second.since) == (moment(11, 0), None, moment(1))
    sentence = explain(scorecard, fold(scorecard, told), moment(11), "en").lines[0].sentence
    assert "March 1, 2026" in sentence


def test_a_change_that_does_not_matter_to_a_line_does_not_split_it() -> None:
    pages = rule(2, id="pages")
    scorecard = with_consent(MAILS, pages, **OPENS)
    told = contact(visit("/", 1), profile(3, consent_opens="no"), profile(5, consent_opens="yes"))
    [line] = fold(scorecard, told).lines
    assert (line.valid_from, line.valid_to, line.since) == (moment(1), None, None)


def test_what_is_told_holds_only_while_it_is_so() -> None:
    scorecard = with_consent(MAILS, **OPENS)
    told = contact(opened(1), profile(3, consent_opens="no"), profile(5, consent_opens="yes"))
    folding = fold(scorecard, told)
    assert [bool(not_counted(folding, moment(day))) for day in (2, 3, 4, 5)] == [
        *(False, True, True, False)
    ]


def test_limits_count_only_what_is_agreed_to() -> None:
    once = rule(
        4, id="once", activity=["email_opened", "page_viewed"], limit={"times": 1, "per": "ever"}
    )
    scorecard = with_consent(once, **OPENS)
    told = contact(opened(1), visit("/", 2), profile(3, consent_opens="no"))
    lines = fold(scorecard, told).lines
    assert [(line.valid_from, line.valid_to) for line in lines] == [
        (moment(1), moment(3, 0)),
        (moment(3, 0), None),
    ]
    assert lines[1].since == moment(2)


def test_the_profile_counts_only_while_there_is_consent() -> None:
    phone = rule(5, id="phone", when={"field": "phone", "present": True})
    scorecard = with_consent(phone, profile={"field": "profiling", "not_equals": "refused"})
    told = contact(
        profile(1, phone="1"), profile(3, profiling="refused"), profile(5, profiling="ok")
    )
    folding = fold(scorecard, told)
    values = [evaluate(scorecard, folding.lines, moment(day)).score for day in (2, 3, 4, 5)]
    assert values == [5 * MICRO, 0, 0, 5 * MICRO]
    assert not_counted(folding, moment(4)) == [("phone", "consent.profile")]
    assert not not_counted(folding, moment(6))


def test_without_the_profile_what_was_done_still_counts() -> None:
    phone = rule(5, id="phone", when={"field": "phone", "present": True})
    refused = {"field": "profiling", "not_equals": "refused"}
    scorecard = with_consent(phone, rule(2, id="pages"), profile=refused)
    told = (profile(1, phone="1", profiling="refused"), visit("/", 2))
    assert score(scorecard, moment(3), *told) == 2


@pytest.mark.parametrize(
    ("tags", "unless_known", "points"),
    [(["Newsletter-OK"], "deny", 4), ([], "allow", 0), (["x"], "allow", 0), (None, "allow", 4)],
)
def test_a_tag_is_consent(tags: Any, unless_known: str, points: int) -> None:
    scorecard = with_consent(MAILS, opens={"tag": "newsletter-ok"}, unless_known=unless_known)
    assert score(scorecard, moment(2), profile(1, tags=tags, city="Lyon"), opened(2)) == points


def test_who_may_not_be_mailed_is_not_judged_by_mails() -> None:
    told = (opened(1), visit("/", 1), profile(3, do_not_contact=["email"]), opened(4))
    both = (MAILS, rule(1, id="pages"))
    assert score(with_consent(*both), moment(1), *told) == 5
    assert score(with_consent(*both), moment(4), *told) == 1
    assert score(with_consent(*both, do_not_contact=False), moment(4), *told) > 6
    assert score(card(*both), moment(4), *told) > 6
    sms = profile(3, do_not_contact=["sms"])
    assert score(with_consent(*both), moment(3), opened(3), sms) == 4


CARD = """
name: Test
consent: {consent}
groups:
  - id: mails
    dimension: engagement
    rules: [{{id: a, kind: activity, points: 1, activity: email_opened}}]
bands: [{{id: cold}}]
"""


def test_a_scorecard_says_its_consent_in_its_text() -> None:
    text = CARD.format(consent="{opens: {tag: ok}, pages: {field: web, equals: yes}}")
    assert sorted(load(text, "t").consent) == ["clicks", "opens", "pages"]
    assert load(CARD.replace("consent: {consent}\n", "").format(), "t").consent == {}


@pytest.mark.parametrize(
    ("consent", "says"),
    [
        ("{open: {tag: ok}}", 'consent.open is not known here; did you mean "opens"?'),
        ("{opens: yes}", "consent.opens must be a condition"),
        ("{unless_known: perhaps}", '"perhaps" is not known; allowed: allow, deny'),
        ("{opens: {tag: []}}", "consent.opens must be text"),
    ],
)
def test_a_mistake_in_the_consent_is_told(consent: str, says: str) -> None:
    with pytest.raises(ScorecardError) as error:
        load(CARD.format(consent=consent), "t")
    assert says in str(error.value)


def test_evidence_settings_are_read_from_the_text() -> None:
    text = CARD.format(consent="{}") + "evidence: {settle: 5m, traps: ['*/trap']}\n"
    settings_read = load(text, "t").evidence
    assert (settings_read.settle, settings_read.traps) == (timedelta(minutes=5), ("*/trap",))
    assert load(CARD.format(consent="{}"), "t").evidence.settle == timedelta(minutes=2)


SIGNALS = {"email_opened": "opens", "email_clicked": "clicks", "page_viewed": "pages"}
CONSENT = {signal: {"field": signal, "equals": "yes"} for signal in SIGNALS.values()}
RULES = (
    rule(4, id="a", activity="email_opened", decay="half_life:36h"),
    rule(3, id="b", activity=["email_opened", "email_clicked"], limit={"times": 1, "per": "24h"}),
    rule(-2, id="c", decay="steps:30h,35%,10%", limit={"times": 2, "per": "day"}),
    rule(7, id="d", activity=["page_viewed", "email_clicked"], limit={"times": 1, "per": "ever"}),
    rule(5, id="e", when={"field": "phone", "present": True}),
)
hours = st.integers(0, 100).map(lambda hour: moment(1, hour))
deeds = st.builds(
    lambda kind, at, id: activity(kind, Subject("page", url=f"/{id}"), at, id=str(id)),
    st.sampled_from(sorted(SIGNALS)),
    hours,
    st.integers(0, 1_000),
)
facts = st.builds(
    lambda at, order, name, value: ProfileFact(at, str(order), {name: value}),
    hours,
    st.integers(0, 10**9),
    st.sampled_from([*CONSENT, "phone"]),
    st.sampled_from(["yes", "no", None]),
)


def agreed(given: Sequence[ProfileFact], at: datetime, unknown: bool) -> set[str]:
    known: Mapping[str, Any] = {}
    for snapshot in snapshots(given):
        if snapshot.at <= at:
            known = snapshot.fields
    answers = {signal: known.get(signal) for signal in CONSENT}
    return {one for one, answer in answers.items() if (answer == "yes" if answer else unknown)}


@settings(max_examples=120, deadline=None)
@given(
    st.lists(deeds, max_size=10, unique_by=lambda one: one.id),
    st.lists(facts, max_size=8, unique_by=lambda one: one.order),
    hours,
    st.sampled_from(["allow", "deny"]),
)
def test_the_score_is_that_of_a_contact_whose_signals_never_came(
    told: list[Activity], known: list[ProfileFact], at: datetime, unless_known: str
) -> None:
    scorecard = with_consent(*RULES, unless_known=unless_known, **CONSENT)
    unknown = unless_known == "allow"
    now = agreed(known, at, unknown)
    left = [
        one for one in told if SIGNALS[one.kind] in now & agreed(known, one.occurred_at, unknown)
    ]
    expected = evaluate(card(*RULES), fold(card(*RULES), history(left, known)).lines, at)
    folding = fold(scorecard, history(told, known))
    assert evaluate(scorecard, folding.lines, at).score == expected.score
    refused = {one.activity for one in folding.skipped if one.reason == "consent" and one.holds(at)}
    assert refused == {one.id for one in told if one not in left and one.occurred_at <= at}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(deeds, max_size=8, unique_by=lambda one: one.id),
    st.lists(facts, max_size=6, unique_by=lambda one: one.order),
)
def test_no_line_is_cut_where_it_goes_on_and_none_is_there_twice(
    told: list[Activity], known: list[ProfileFact]
) -> None:
    lines = fold(with_consent(*RULES, **CONSENT), history(told, known)).lines
    for line in lines:
        again = [one for one in lines if one.rule == line.rule and one.began == line.began]
        same = [one for one in again if one.activities == line.activities]
        assert [one for one in same if one.valid_from == line.valid_from] == [line]
        assert not [one for one in same if one.valid_from == line.valid_to]
