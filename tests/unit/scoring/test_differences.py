"""Two scorecards compared in words."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from plugin.scoring.difference_words import told
from plugin.scoring.differences import differences

_CARD = """\
name: Card
groups:
  - id: site
    dimension: engagement
    cap: 40
    rules:
      - {id: page, kind: activity, points: 1, activity: page_viewed}
      - {id: form, kind: activity, points: 15, activity: form_submitted}
  - id: who
    dimension: fit
    rules: {id: phone, kind: field, points: 5, if: {field: phone, present: true}}
bands:
  - {id: cold}
  - {id: hot, enter: 60}
"""


def _told(old: str, new: str, lang: str = "en", **words: dict[str, Any]) -> list[str]:
    return [told(one, lang, words) for one in differences(old, new)]


def _diff(old: str, new: str, lang: str = "en", **words: dict[str, Any]) -> list[str]:
    changed = _CARD.replace(old, new)
    assert changed != _CARD
    return _told(_CARD, changed, lang, **words)


def test_n12_changed_points_are_told_with_both_values():
    assert _diff("points: 15", "points: 20") == ["Rule “form”: points: 15 → 20"]


def test_n12_added_and_removed_rules_are_told_by_what_they_give():
    line = "      - {id: form, kind: activity, points: 15, activity: form_submitted}\n"
    assert _diff(line, "") == [
        "Rule “form” removed: +15 for each activity of this kind: form submitted."
    ]
    assert _told(_CARD.replace(line, ""), _CARD) == [
        "Rule “form” added: +15 for each activity of this kind: form submitted."
    ]


def test_n12_a_key_that_comes_or_goes_is_told_so():
    assert _diff("points: 15,", "points: 15, on: false,") == [
        "Rule “form”: on: no (not set before)"
    ]
    assert _diff("    cap: 40\n", "") == ["Group “site”: cap: not set any more (40 before)"]


def test_n12_conditions_are_told_in_words_and_bands_by_their_thresholds():
    assert _diff("{field: phone, present: true}", "{field: phone, valid: phone}") == [
        "Rule “phone”: if: phone is known → phone is a valid phone"
    ]
    assert _diff("enter: 60", "enter: 55.5") == ["Band “hot”: enter: 60 → 55.5"]


def test_n12_a_rule_in_another_group_has_moved():
    line = "      - {id: form, kind: activity, points: 15, activity: form_submitted}\n"
    moved = _CARD.replace(line, "").replace(
        "rules: {id: phone, kind: field, points: 5, if: {field: phone, present: true}}",
        "rules:\n" + line,
    )
    assert "Rule “form”: group: site → who" in _told(_CARD, moved)


def test_r68_a_difference_is_told_in_french_with_the_names_of_its_keys():
    words = {"name": "Palier d’entrée"}
    assert _diff("enter: 60", "enter: 70", "fr", enter=words) == [
        "Palier « hot » : Palier d’entrée : 60 → 70"
    ]
    named = "{id: hot, label: {en: Hot, fr: Chaud}, tag: x, on_rise: {call: 1d}, enter: 60}"
    assert _diff("{id: hot, enter: 60}", named, "fr")[1:] == [
        "Palier « Chaud » : tag : x (rien auparavant)",
        "Palier « Chaud » : on_rise : demander un appel sous 1d (rien auparavant)",
    ]


def test_r68_what_came_and_went_is_told_in_french():
    line = "      - {id: form, kind: activity, points: 15, activity: form_submitted}\n"
    band = "  - {id: hot, enter: 60}\n"
    less = _CARD.replace(line, "").replace(band, "")
    gives = "+15 pour chaque activité de ce genre : formulaire envoyé."
    assert _told(less, _CARD, "fr") == [
        f"Règle « form » ajoutée : {gives}",
        "Palier « hot » ajouté",
    ]
    assert _told(_CARD, less, "fr") == [
        f"Règle « form » retirée : {gives}",
        "Palier « hot » retiré",
    ]


def test_order_comments_and_lists_of_one_are_no_difference():
    assert _diff("activity: page_viewed", "activity: [page_viewed]") == []
    assert _diff("name: Card", "# said aloud\nname: Card") == []
    assert _diff("{id: page, kind: activity,", "{kind: activity, id: page,") == []


def test_a_name_or_a_time_zone_is_told_by_its_key():
    assert _diff("name: Card", "name: Board\ntimezone: Europe/Brussels") == [
        "name: Card → Board",
        "timezone: Europe/Brussels (not set before)",
    ]


def test_a_shipped_scorecard_does_not_differ_from_itself():
    text = files("plugin").joinpath("scorecards/b2b.yaml").read_text(encoding="utf-8")
    assert differences(text, text) == []


def test_several_values_are_told_as_a_list():
    several = "activity: [page_viewed, form_submitted]}\n      - {id: form"
    assert _diff("activity: page_viewed}\n      - {id: form", several) == [
        "Rule “page”: activity: page viewed → [page viewed, form submitted]"
    ]


@pytest.mark.parametrize(
    "odd", ["a word", "- a\n- b", "1", "{}", "groups: 3", "bands: {a: 1}", "groups: [{rules: [1]}]"]
)
def test_a_draft_that_is_any_yaml_can_be_compared(odd: str) -> None:
    text = files("plugin").joinpath("scorecards/b2b.yaml").read_text(encoding="utf-8")
    assert {one.what for one in differences(text, odd)} >= {"removed"}
    assert {one.what for one in differences(odd, text)} >= {"added"}
