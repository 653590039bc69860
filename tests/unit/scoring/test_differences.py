"""Two scorecards compared in words."""

from __future__ import annotations

from importlib.resources import files

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


def _diff(old: str, new: str) -> list[str]:
    changed = _CARD.replace(old, new)
    assert changed != _CARD
    return differences(_CARD, changed)


def test_n12_changed_points_are_told_with_both_values():
    assert _diff("points: 15", "points: 20") == ['rule "form": points 15 → 20']


def test_n12_added_and_removed_rules_are_told_in_short():
    line = "      - {id: form, kind: activity, points: 15, activity: form_submitted}\n"
    assert _diff(line, "") == ['rule "form" removed: kind activity, points 15']
    assert differences(_CARD.replace(line, ""), _CARD) == [
        'rule "form" added: kind activity, points 15'
    ]


def test_n12_a_key_that_comes_or_goes_is_told_as_not_set():
    assert _diff("points: 15,", "points: 15, on: false,") == ['rule "form": on not set → false']
    assert _diff("    cap: 40\n", "") == ['group "site": cap 40 → not set']


def test_n12_conditions_and_bands_are_told_as_written():
    assert _diff("{field: phone, present: true}", "{field: phone, valid: phone}") == [
        'rule "phone": if {field: phone, present: true} → {field: phone, valid: phone}'
    ]
    assert _diff("enter: 60", "enter: 55.5") == ['band "hot": enter 60 → 55.5']


def test_n12_a_rule_in_another_group_has_moved():
    line = "      - {id: form, kind: activity, points: 15, activity: form_submitted}\n"
    moved = _CARD.replace(line, "").replace(
        "rules: {id: phone, kind: field, points: 5, if: {field: phone, present: true}}",
        "rules:\n" + line,
    )
    assert 'rule "form": group site → who' in differences(_CARD, moved)


def test_order_comments_and_lists_of_one_are_no_difference():
    assert _diff("activity: page_viewed", "activity: [page_viewed]") == []
    assert _diff("name: Card", "# said aloud\nname: Card") == []
    assert _diff("{id: page, kind: activity,", "{kind: activity, id: page,") == []


def test_a_name_or_a_time_zone_is_told_by_its_key():
    assert _diff("name: Card", "name: Board\ntimezone: Europe/Brussels") == [
        "name: Card → Board",
        "timezone: not set → Europe/Brussels",
    ]


def test_a_shipped_scorecard_does_not_differ_from_itself():
    text = files("plugin").joinpath("scorecards/b2b.yaml").read_text(encoding="utf-8")
    assert differences(text, text) == []


def test_several_values_are_told_as_a_list():
    several = "activity: [page_viewed, form_submitted]}\n      - {id: form"
    assert _diff("activity: page_viewed}\n      - {id: form", several) == [
        'rule "page": activity page_viewed → [page_viewed, form_submitted]'
    ]
