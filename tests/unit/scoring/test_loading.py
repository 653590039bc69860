from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from plugin.scoring.decay import Expires, HalfLife, Linear, NoDecay, Steps
from plugin.scoring.fields import Points
from plugin.scoring.loading import load
from plugin.scoring.problems import Problem, ScorecardError
from plugin.scoring.scorecard import MICRO, Band, Bounds, Dimension

CARD = """\
name: {en: Demo firm, fr: Entreprise de démonstration}
timezone: America/New_York
dimensions: {fit: {cap: 60}, engagement: {cap: 100, floor: -20, weight: 1.5}}
score: {floor: 0, cap: 120}
groups:
  - id: pages
    dimension: engagement
    label: {en: Pages, fr: Pages}
    cap: 40
    rules:
      - id: pricing-page
        kind: activity
        label: {en: Pricing page viewed, fr: Page tarifs consultée}
        points: 5.25
        activity: page_viewed
        url: "*/tarifs*"
        limit: {times: 1, per: day}
        decay: {half_life: 30d}
        evidence: human
        valid_from: 2026-03-01
        valid_to: 2026-03-31
  - id: who
    dimension: fit
    rules:
      - id: phone-known
        kind: field
        points: -5
        on: false
        if: {field: phone, present: true}
bands:
  - {id: cold, label: Cold, tag: maturo-cold}
  - {id: warm, enter: 30, leave: 25, tag: maturo-warm}
  - {id: hot, enter: 60}
grades: {A: 30, B: 0.5}
tolerance: 3
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ScorecardError) as caught:
        load(text, "card.yaml")
    return str(caught.value).splitlines()


def changed(old: str, new: str) -> str:
    assert old in CARD
    return CARD.replace(old, new)


def test_a_scorecard_is_read_as_it_is_written() -> None:
    loaded = load(CARD, "card.yaml")
    assert loaded.name == {"en": "Demo firm", "fr": "Entreprise de démonstration"}
    assert loaded.timezone == "America/New_York"
    assert loaded.dimensions == {
        "fit": Dimension("fit", bounds=Bounds(None, 60 * MICRO)),
        "engagement": Dimension("engagement", Fraction(3, 2), Bounds(-20 * MICRO, 100 * MICRO)),
    }
    assert loaded.bounds == Bounds(0, 120 * MICRO)
    assert list(loaded.groups) == ["pages", "who"]
    assert loaded.groups["pages"].bounds == Bounds(None, 40 * MICRO)
    pricing, phone = loaded.rules
    assert (pricing.id, pricing.kind, pricing.group) == ("pricing-page", "activity", "pages")
    assert (pricing.dimension, pricing.points) == ("engagement", 5_250_000)
    assert pricing.labels["fr"] == "Page tarifs consultée"
    assert pricing.decay == HalfLife(timedelta(days=30))
    assert pricing.evidence == {"human"}
    assert pricing.valid_from == datetime(2026, 3, 1, 5, tzinfo=UTC)
    assert pricing.valid_to == datetime(2026, 4, 1, 4, tzinfo=UTC)
    assert (phone.points, phone.dimension, phone.on) == (-5 * MICRO, "fit", False)
    assert (phone.decay, phone.labels, phone.params.fields) == (NoDecay(), {}, ("phone",))
    assert loaded.bands == (
        Band("cold", {"en": "Cold"}, None, None, "maturo-cold"),
        Band("warm", {}, 30 * MICRO, 25 * MICRO, "maturo-warm"),
        Band("hot", {}, 60 * MICRO, 60 * MICRO, None),
    )
    assert (loaded.grades, loaded.lowest_grade) == ({"A": 30 * MICRO, "B": 500_000}, "B")
    assert loaded.tolerance == 3 * MICRO


def test_what_is_left_out_has_its_default() -> None:
    loaded = load(
        "name: Small\ngroups: [{id: g, dimension: fit}]\nbands: [{id: all}]\n", "small.yaml"
    )
    assert loaded.name == {"en": "Small"}
    assert (loaded.timezone, loaded.rules, loaded.bounds) == ("Europe/Paris", (), Bounds())
    assert loaded.dimensions == {"fit": Dimension("fit"), "engagement": Dimension("engagement")}
    assert list(loaded.grades) == ["A", "B", "C", "D"]
    assert (loaded.lowest_grade, loaded.tolerance) == ("D", 5 * MICRO)


def test_the_same_text_gives_an_equal_scorecard() -> None:
    assert load(CARD, "a.yaml") == load(CARD, "b.yaml")


def test_french_labels_may_have_no_break_spaces() -> None:
    text = changed("Page tarifs consultée", "Page «\u00a0Tarifs\u202f» vue")
    assert load(text, "card.yaml").rules[0].labels["fr"] == "Page «\u00a0Tarifs\u202f» vue"


def test_the_shipped_minimal_scorecard_is_readable_and_labelled_in_both_languages() -> None:
    text = files("plugin").joinpath("scorecards", "minimal.yaml").read_text("utf-8")
    loaded = load(text, "minimal.yaml")
    assert len(loaded.rules) == 6
    labels = [each.labels for each in (*loaded.rules, *loaded.groups.values(), *loaded.bands)]
    assert all(set(label) == {"en", "fr"} for label in labels)
    assert [band.id for band in loaded.bands] == ["cold", "warm", "hot"]


@pytest.mark.parametrize(
    ("text", "decay"),
    [
        ("none", NoDecay()),
        ("half_life:30d", HalfLife(timedelta(days=30))),
        ("{linear: 12h}", Linear(timedelta(hours=12))),
        ("{expires: 2w}", Expires(timedelta(days=14))),
        ("{steps: {every: 30d, lose: 50 %}}", Steps(timedelta(days=30), Fraction(1, 2))),
        (
            "{steps: {every: 30d, lose: 12.5%, floor: 20%}}",
            Steps(timedelta(days=30), Fraction(1, 8), Fraction(1, 5)),
        ),
        ('{steps: "30d,50%,0"}', Steps(timedelta(days=30), Fraction(1, 2))),
    ],
)
def test_decays_in_the_file(text: str, decay: Any) -> None:
    assert load(changed("{half_life: 30d}", text), "x").rules[0].decay == decay


@pytest.mark.parametrize(
    ("text", "micro"),
    [("+5", 5_000_000), ("-0.000001", -1), ("1e3", 1_000_000_000), ("0x10", None)],
)
def test_points_are_exact(text: str, micro: int | None) -> None:
    changed_card = changed("points: -5", f"points: {text}")
    if micro is None:
        assert "points must be a number" in problems(changed_card)[0]
    else:
        assert load(changed_card, "x").rules[1].points == micro


@pytest.mark.parametrize("number", [float("nan"), float("inf"), Decimal("-inf"), "5", None])
def test_points_from_anywhere_must_be_a_finite_number(number: Any) -> None:
    with pytest.raises(ValidationError, match=r"must be a number|must not be empty"):
        Points().deserialize(number)
    assert Points().deserialize(0.1) == 100_000


KINDS_ALLOWED = "activity, repeat, series, duration, field, completeness, rate, absence"
RULE = 'rule "pricing-page"'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "kind: activity",
            "kind: page_view",
            f'12: {RULE}: kind "page_view" is not known; allowed: {KINDS_ALLOWED}',
        ),
        (
            "        kind: activity\n",
            "",
            f"11: {RULE}: kind is missing; allowed: {KINDS_ALLOWED}",
        ),
        (
            "points: 5.25",
            "pionts: 5",
            f'14: {RULE}: pionts is not known here; did you mean "points"?',
        ),
        ("points: 5.25", "points: five", f'14: {RULE}: points must be a number, not "five"'),
        ("points: 5.25", "points: .nan", f'14: {RULE}: points must be a number, not ".nan"'),
        ("points: 5.25", "points: -.inf", f'14: {RULE}: points must be a number, not "-.inf"'),
        ("points: 5.25", "points: true", f'14: {RULE}: points must be a number, not "True"'),
        ("points: 5.25", "points:", f"14: {RULE}: points must not be empty"),
        ("points: 5.25", "points: 0.0000001", f"14: {RULE}: points must have at most 6 decimals"),
        (
            "points: 5.25",
            "points: 1e999999",
            f"14: {RULE}: points must lie between -1000000 and 1000000",
        ),
        (
            "points: 5.25",
            "points: 5.000000000000000000000000000000000001",
            f"14: {RULE}: points must have at most 6 decimals",
        ),
        ("{times: 1, per: day}", "{times: 1.5, per: day}", f"17: {RULE}: limit.times must be a"),
        ("{times: 1, per: day}", "daily", f"17: {RULE}: limit must be a mapping of keys"),
        ("{half_life: 30d}", "{half_life: soon}", f"18: {RULE}: decay must be a duration such"),
        ("{half_life: 30d}", "{halflife: 30d}", f"18: {RULE}: decay must be none or one of"),
        ("{half_life: 30d}", "{half_life: 3d, linear: 3d}", f"18: {RULE}: decay must have one of"),
        (
            "{half_life: 30d}",
            "{steps: {every: 30d}}",
            f"18: {RULE}: decay.steps must have every and lose",
        ),
        ("evidence: human", "evidence: machine", f"19: {RULE}: evidence must contain human"),
        (
            "evidence: human",
            "evidence: [human, robot]",
            f'19: {RULE}: evidence[1] "robot" is not known; allowed: human, unknown, machine',
        ),
        ("2026-03-01", "2026-02-30", f"20: {RULE}: valid_from must be a day such as 2026-03-31"),
        ("2026-03-31", "2026-02-28", f"21: {RULE}: valid_to must not be before valid_from"),
        ("on: false", "on: 0", '28: rule "phone-known": on must be true or false'),
        (
            "{field: phone, present: true}",
            "{all: [{field: phone, presnt: true}]}",
            '29: rule "phone-known": if.all[0].presnt is not known here; did you mean "present"?',
        ),
        (
            "points: -5",
            "points: -5\n        decay: {linear: 3d}",
            '28: rule "phone-known": decay is not known here; allowed: if, id, kind',
        ),
        ("id: phone-known", "id: pricing-page", f'25: {RULE}: id "pricing-page" is here twice'),
        ("id: phone-known", "id: Phone known", '25: rule "Phone known": id must be small letters'),
        ("      - id: pricing-page\n        kind", "      - kind", "11: rule 1: id is missing"),
        ("id: who", "id: pages", '22: group "pages": id "pages" is here twice'),
        ("dimension: fit", "dimension: fitness", '23: group "who": dimension "fitness" is not'),
        ("cap: 40", "cap: 40\n    floor: 41", '10: group "pages": floor must not be above the cap'),
        ("weight: 1.5", "weight: -1", "3: scorecard: dimensions.engagement.weight must lie"),
        ("America/New_York", "Paris", '2: scorecard: timezone "Paris" is not known; write a name'),
        ("tolerance: 3", "tolerence: 3", "35: scorecard: tolerence is not known here; did you"),
        ("A: 30, B: 0.5", "A: 30, B: 30", "34: scorecard: grades must go from the highest"),
        ("{A: 30, B: 0.5}", "[30]", "34: scorecard: grades must be a mapping of letters"),
        ("leave: 25", "leave: 31", '32: band "warm": leave must not be above enter'),
        ("enter: 30", "enter: x", '32: band "warm": enter must be a number, not "x"'),
        ("enter: 60", "enter: 30", '33: band "hot": enter must be above that of the band before'),
        ("{id: hot, enter: 60}", "{id: hot}", '33: band "hot": enter is missing; only the first'),
        ("id: hot", "id: cold", '33: band "cold": id "cold" is here twice'),
        (
            "maturo-warm",
            '"hot, warm"',
            '32: band "warm": tag must not begin with - and must not contain , < or >',
        ),
        ("maturo-warm", "maturo-cold", '32: band "warm": tag "maturo-cold" is here twice'),
        ("label: Cold", "enter: 0", '31: band "cold": enter is not for the first band'),
        (
            "label: Cold",
            "label: {de: Kalt}",
            '31: band "cold": label.de "de" is not known; allowed',
        ),
        ("label: Cold", "label: {}", '31: band "cold": label must have a text in en or fr'),
        ("label: Cold", "label: [Cold]", '31: band "cold": label must be text'),
        ("  - id: who\n", "  - nothing\n  - id: who\n", "22: group 2: must be a mapping of keys"),
        (
            "      - id: phone-known\n",
            "      - x\n      - id: phone-known\n",
            "25: rule 1: must be a",
        ),
        ("cap: 40", "cap: 40\n    cap: 41", '10: text: "cap" is here twice'),
        ("cap: 40", "cap: !!int 40", None),
        ("cap: 40", "cap: !money 40", "9: text: the tag !money is not allowed"),
        ("cap: 40", "? [cap]\n    : 40", "9: text: a key must be one word"),
        ("cap: 40", "cap: &forty 40", "9: text: anchors (&) and aliases (*) are not allowed"),
        ("cap: 40", "<<: {cap: 40}", "9: text: the tag tag:yaml.org,2002:merge is not allowed"),
        ("cap: 40", "cap: *forty", "9: text: is not YAML"),
        ("cap: 40", "cap: [40", "10: text: is not YAML"),
        ("cap: 40", "cap: \x00", "1: text: is not YAML"),
        ("tolerance: 3", "---\na: 1", "35: text: is not YAML"),
    ],
)
def test_every_mistake_is_named_with_its_line(old: str, new: str, says: str | None) -> None:
    text = changed(old, new)
    if says is None:
        load(text, "card.yaml")
    else:
        assert any(line.startswith(f"card.yaml:{says}") for line in problems(text)), problems(text)


def test_all_mistakes_are_told_at_once_in_the_order_of_the_text() -> None:
    text = CARD.replace("cap: 60", "cap: lots").replace("kind: activity", "kind: hits")
    text = text.replace("points: 5.25", "points: x").replace("id: hot", "id: warm")
    with pytest.raises(ScorecardError) as caught:
        load(text, "card.yaml")
    assert caught.value.problems == (
        Problem(3, "scorecard", 'dimensions.fit.cap must be a number, not "lots"'),
        Problem(12, RULE, f'kind "hits" is not known; allowed: {KINDS_ALLOWED}'),
        Problem(14, RULE, 'points must be a number, not "x"'),
        Problem(33, 'band "warm"', 'id "warm" is here twice'),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "card.yaml:1: scorecard: must be a mapping of keys and values"),
        ("- a\n- b\n", "card.yaml:1: scorecard: must be a mapping of keys and values"),
        ("[" * 5000, "card.yaml:1: text: is nested too deeply"),
        ("- " * 2000, "card.yaml:1: text: is nested too deeply"),
        ("x" * 1_000_001, "card.yaml:1: text: must not be longer than 1000000 characters"),
        ("name: a\nbands: 3\n", "card.yaml:1: scorecard: groups is missing"),
    ],
)
def test_what_is_no_scorecard_at_all_is_refused(text: str, says: str) -> None:
    assert says in problems(text)


def test_a_bomb_of_aliases_is_refused_before_it_grows() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(
        f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)
    )
    assert problems(bomb)[0] == (
        "card.yaml:1: text: anchors (&) and aliases (*) are not allowed; write it out"
    )


words = st.sampled_from([*CARD.split(), "[", "{", "*a", "&a", "- ", "null", ".inf", "\t", "%"])


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(CARD) - 1), st.integers(0, 20), words)
def test_no_text_ends_in_anything_but_a_scorecard_or_its_problems(
    start: int, length: int, word: str
) -> None:
    text = CARD[:start] + word + CARD[start + length :]
    try:
        found: tuple[Problem, ...] = (Problem(1, "", f"none in {load(text, 'card.yaml').name}"),)
    except ScorecardError as error:
        found = error.problems
    assert found
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in found)
