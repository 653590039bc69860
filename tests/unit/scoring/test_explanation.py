from __future__ import annotations

import string
from datetime import timedelta
from fractions import Fraction

import pytest

from connectors.activity import KINDS, Evidence, Subject
from plugin.scoring.catalogue import LANGUAGES, catalogue
from plugin.scoring.explanation import explain
from plugin.scoring.fold import fold
from plugin.scoring.lines import Folding
from plugin.scoring.scorecard import MICRO
from tests.builders import activity, bounded, card, contact, form, moment, profile, rule, visit

LABELS = {"en": "Pricing page", "fr": "Page tarifs"}
PRICING = rule(
    10,
    id="pricing",
    url="*/pricing",
    decay="half_life:30d",
    labels=LABELS,
    limit={"times": 1, "per": "day"},
)
PHONE = rule(5, id="phone", when={"field": "phone", "present": True}, labels={"en": "Phone"})


def plain(text: str | None) -> str:
    """Without the no-break spaces of good typography, which differ between CLDR versions."""
    return (text or "").replace("\u202f", " ").replace("\u00a0", " ")


def test_a_line_tells_what_when_and_how_many_points_then_and_now() -> None:
    scorecard = card(PRICING)
    folding = fold(scorecard, contact(visit("/pricing", day=3, hour=23)))
    english = explain(scorecard, folding, moment(33, 23), "en").lines[0]
    french = explain(scorecard, folding, moment(33, 23), "fr").lines[0]
    assert plain(english.sentence) == (
        "Pricing page: viewed “https://example.org/pricing” on March 4, 2026 at 12:00 AM."
        " +10, +5 left."
    )
    assert plain(french.sentence) == (
        "Page tarifs : a consulté « https://example.org/pricing » le 4 mars 2026 à 00:00."
        " +10, reste +5."
    )
    assert plain(english.cut) == "Halves every 30 days."
    assert plain(french.cut) == "Diminue de moitié tous les 30 jours."
    assert (english.rule, english.then, english.now) == ("pricing", 10 * MICRO, 5 * MICRO)


def test_held_points_tell_since_when_and_of_which_fields() -> None:
    scorecard = card(PHONE)
    folding = fold(scorecard, contact(profile(2, phone="0102030405")))
    [line] = explain(scorecard, folding, moment(9), "fr").lines
    assert plain(line.sentence) == (
        "Phone : vrai depuis le 2 mars 2026 à 01:00 (phone). +5 tant que cela dure."
    )
    assert line.cut is None


def test_what_did_not_count_is_told_with_its_reason_newest_first() -> None:
    scorecard = card(PRICING, rule(1, id="off", on=False), rule(1, id="new", valid_from=moment(9)))
    told = [
        visit("/pricing", day=2, hour=9),
        visit("/pricing", day=2, hour=10),
        visit("/pricing", day=4, evidence=Evidence.MACHINE),
        visit("/pricing", day=20),
    ]
    explanation = explain(scorecard, fold(scorecard, contact(*told)), moment(5), "en")
    assert [(plain(reason.sentence)[:7], reason.rule) for reason in explanation.not_counted] == [
        ("Pricing", "pricing"),
        ("off: “h", "off"),
        ("new: “h", "new"),
        ("off: “h", "off"),
        ("new: “h", "new"),
        ("Pricing", "pricing"),
        ("off: “h", "off"),
        ("new: “h", "new"),
    ]
    machine, limit = explanation.not_counted[0], explanation.not_counted[5]
    assert plain(machine.sentence).endswith("at 1:00 PM does not count: a machine did it.")
    assert plain(limit.sentence).endswith("does not count: the limit of 1 a day is reached.")


def test_lines_come_newest_first() -> None:
    scorecard = card(PRICING)
    told = contact(*(visit("/pricing", day=day) for day in (1, 5, 3)))
    lines = explain(scorecard, fold(scorecard, told), moment(6), "en").lines
    assert ["March 5" in lines[0].sentence, "March 1" in lines[2].sentence] == [True, True]


def test_every_cap_floor_and_weight_is_told_by_its_name_and_bound() -> None:
    scorecard = card(
        rule(10),
        rule(-9, id="form", activity="form_submitted", group="forms"),
        PHONE,
        groups={"pages": bounded(cap=4), "forms": bounded(floor=-3)},
        fit=bounded(cap=2),
        engagement=bounded(floor=1.5),
        weights={"fit": Fraction(3, 2)},
        score=bounded(cap=3),
    )
    told = contact(visit("/"), form("Demo"), profile(1, phone="1"))
    explanation = explain(scorecard, fold(scorecard, told), moment(2), "fr")
    assert [plain(reason.sentence) for reason in explanation.adjustments] == [
        "Plafond du groupe Pages (+4) : -6.",
        "Plancher du groupe Forms (-3) : +6.",
        "Plafond de l’adéquation (+2) : -3.",
        "Poids de l’adéquation (× 1,5) : +1.",
        "Plancher de l’engagement (+1,5) : +0,5.",
        "Plafond du score (+3) : -1,5.",
    ]
    assert (explanation.score, explanation.grade) == (3 * MICRO, "D")
    assert explanation.dimensions == {"fit": 2 * MICRO, "engagement": 1_500_000}


@pytest.mark.parametrize(
    ("decay", "cut"),
    [
        ("none", ""),
        ("half_life:36h", "Halves every 36 hours."),
        ("linear:90d", "Fades evenly, gone after 90 days."),
        ("steps:30m,50%,0", "Loses 50% every 30 minutes."),
        ("expires:1d", "Gone after 1 day."),
    ],
)
def test_every_decay_is_told(decay: str, cut: str) -> None:
    scorecard = card(rule(decay=decay))
    [line] = explain(scorecard, fold(scorecard, contact(visit("/"))), moment(1), "en").lines
    assert plain(line.cut) == cut


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(KINDS | {"custom.call"}))
def test_every_kind_of_activity_has_its_sentence(kind: str, lang: str) -> None:
    scorecard = card(rule(activity=kind))
    told = contact(activity(kind, Subject("thing"), moment(1)))
    [line] = explain(scorecard, fold(scorecard, told), moment(1), lang).lines
    assert line.sentence.startswith("rule")
    assert "None" not in line.sentence


@pytest.mark.parametrize("per", ["ever", "day", "subject", "7d"])
def test_every_limit_has_its_sentence(per: str) -> None:
    scorecard = card(rule(limit={"times": 1, "per": per}))
    folding = fold(scorecard, contact(visit("/", hour=1), visit("/", hour=2)))
    [reason] = explain(scorecard, folding, moment(1), "fr").not_counted
    assert "la limite de 1" in reason.sentence
    assert ("en 7 jours" in plain(reason.sentence)) is (per == "7d")


def test_activities_without_proof_say_so() -> None:
    scorecard = card(rule(evidence=["human"]))
    [reason] = explain(scorecard, fold(scorecard, contact(visit("/"))), moment(1), "en").not_counted
    assert reason.sentence.endswith("nothing proves yet that a human did it.")


def test_a_line_of_a_rule_that_is_gone_is_told_by_its_id() -> None:
    scorecard = card(PRICING)
    [line] = fold(scorecard, contact(visit("/pricing"))).lines
    old = Folding((line._replace(rule="gone"),))
    assert explain(scorecard, old, moment(1), "en").lines[0].sentence.startswith("gone:")


def test_a_subject_cannot_smuggle_a_placeholder_into_the_sentence() -> None:
    scorecard = card(rule())
    folding = fold(scorecard, contact(visit("/{rule.__class__}{0}")))
    [line] = explain(scorecard, folding, moment(1), "en").lines
    assert "/{rule.__class__}{0}”" in line.sentence


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_sentences_with_the_same_placeholders() -> None:
    english, french = catalogue("en"), catalogue("fr")
    assert english.keys() == french.keys()
    for key in english:
        assert placeholders(english[key]) == placeholders(french[key]), key


def test_another_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match='no explanations in "de"; known: en, fr'):
        explain(card(), Folding(()), moment(1), "de")


def test_the_moment_asked_decides_what_is_told() -> None:
    scorecard = card(PRICING)
    folding = fold(scorecard, contact(visit("/pricing", day=3)))
    assert explain(scorecard, folding, moment(3) - timedelta(seconds=1), "en").lines == ()
