"""Editing a scorecard's text changes what was asked and not one character more."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.scoring.document import read_document
from plugin.scoring.edits import (
    Edit,
    UnknownPart,
    add_band,
    add_group,
    add_rule,
    change_band,
    change_group,
    change_rule,
    change_settings,
    delete_band,
    delete_group,
    delete_rule,
    move_rule,
    switch_rule,
)
from plugin.scoring.loading import load

TEXT = """\
# Ours, since 2024.
name: Card
groups:
  # What they read.
  - id: pages
    dimension: engagement
    rules:
      # Worth most.
      - id: pricing   # our best page
        kind: activity
        points: 6  # was 8
        activity: page_viewed
        # the address
        url: ["*/pricing*", '*/tarifs*']

      # Of little worth.
      - id: home
        kind: activity
        points: 1
        activity: page_viewed
  - id: forms
    dimension: engagement
    rules:
      - {id: demo, kind: activity, points: 20, activity: form_submitted}  # in one line
bands:
  - {id: cold}
  - {id: hot, enter: 40, leave: 30}  # agreed with sales
"""
PRICING = {
    "id": "pricing",
    "kind": "activity",
    "points": 6,
    "activity": "page_viewed",
    "url": ["*/pricing*", "*/tarifs*"],
}


def changes(edit: Edit, text: str = TEXT) -> tuple[list[str], list[str]]:
    """The lines that go and those that come; the result is a scorecard."""
    after = edit(text)
    load(after, "edited")
    old, new = text.splitlines(), after.splitlines()
    gone = [line.strip() for line in old if line not in new]
    return gone, [line.strip() for line in new if line not in old]


def test_a_changed_value_leaves_the_comment_beside_it() -> None:
    assert changes(change_rule("pricing", PRICING | {"points": 8})) == (
        ["points: 6  # was 8"],
        ["points: 8  # was 8"],
    )


def test_a_rule_given_as_it_is_changes_no_character() -> None:
    assert change_rule("pricing", PRICING)(TEXT) == TEXT


def test_a_new_key_and_one_that_goes_take_their_own_lines_only() -> None:
    rule = {key: PRICING[key] for key in PRICING if key != "url"} | {"decay": {"half_life": "30d"}}
    assert changes(change_rule("pricing", rule)) == (
        ["# the address", "url: [\"*/pricing*\", '*/tarifs*']"],
        ["decay: {half_life: 30d}"],
    )


def test_a_rule_written_in_one_line_stays_in_one_line() -> None:
    rule = {"id": "demo", "kind": "activity", "points": 25, "activity": "form_submitted"}
    gone, come = changes(change_rule("demo", rule | {"form": "Demo"}))
    assert len(gone) == 1
    assert come == [
        "- {id: demo, kind: activity, points: 25, activity: form_submitted, form: Demo}"
        "  # in one line"
    ]


def test_a_deleted_rule_takes_the_comment_above_it_along() -> None:
    gone, come = changes(delete_rule("pricing"))
    assert "# Worth most." in gone
    assert come == []
    assert "# Of little worth." not in gone


def test_the_last_rule_of_a_group_takes_the_list_along() -> None:
    after = delete_rule("demo")(TEXT)
    assert load(after, "edited").groups.keys() == {"pages", "forms"}
    assert after.count("rules:") == 1


def test_a_moved_rule_takes_its_comments_along() -> None:
    after = move_rule("pricing", "forms", before="demo")(TEXT)
    assert [rule.id for rule in load(after, "edited").rules] == ["home", "pricing", "demo"]
    assert "      # Worth most.\n      - id: pricing   # our best page\n" in after
    assert after.index("- id: forms") < after.index("# Worth most.")


def test_a_rule_may_move_up_and_down_within_its_group() -> None:
    down = move_rule("pricing", "pages")(TEXT)
    assert [rule.id for rule in load(down, "edited").rules] == ["home", "pricing", "demo"]
    assert sorted(move_rule("pricing", "pages", before="home")(down).split()) == sorted(
        TEXT.split()
    )


def test_the_only_rule_of_a_group_moves_into_an_empty_one() -> None:
    with_empty = add_group({"id": "new", "dimension": "fit"})(TEXT)
    after = load(move_rule("demo", "new")(with_empty), "edited")
    assert {rule.id: rule.group for rule in after.rules}["demo"] == "new"


def test_switching_off_and_on_again_changes_nothing() -> None:
    off = switch_rule("pricing", on=False)(TEXT)
    assert [rule.id for rule in load(off, "edited").rules if not rule.on] == ["pricing"]
    assert switch_rule("pricing", on=True)(off) == TEXT


def test_a_new_rule_stands_at_the_end_of_its_group() -> None:
    rule = {"id": "new", "kind": "field", "points": -2, "if": {"field": "x", "equals": "on"}}
    assert changes(add_rule("pages", rule)) == (
        [],
        ["- id: new", "kind: field", "points: -2", 'if: {field: x, equals: "on"}'],
    )


def test_a_group_changes_and_keeps_its_rules() -> None:
    after = load(
        change_group("pages", {"id": "pages", "dimension": "fit", "cap": 9})(TEXT), "edited"
    )
    assert {rule.dimension for rule in after.rules if rule.group == "pages"} == {"fit"}


def test_a_band_comes_where_its_threshold_puts_it() -> None:
    after = load(add_band({"id": "warm", "enter": 20})(TEXT), "edited")
    assert [band.id for band in after.bands] == ["cold", "warm", "hot"]
    assert changes(change_band("hot", {"id": "hot", "enter": 45, "tag": "hot"}))[1] == [
        "- {id: hot, enter: 45, tag: hot}  # agreed with sales"
    ]
    assert [band.id for band in load(delete_band("hot")(TEXT), "edited").bands] == ["cold"]


def test_settings_are_set_and_taken_away() -> None:
    after = change_settings({"handovers_per_week": 10, "name": {"en": "A", "fr": "B"}})(TEXT)
    assert load(after, "edited").handovers_per_week == 10
    assert "handovers" not in change_settings({"handovers_per_week": None})(after)


def test_a_text_in_flow_style_is_laid_out_and_then_edited() -> None:
    text = json.dumps(read_document(TEXT, "text").data)
    after = load(delete_rule("home")(text), "edited")
    assert [rule.id for rule in after.rules] == ["pricing", "demo"]


@pytest.mark.parametrize(
    "edit", [delete_rule("x"), delete_group("x"), delete_band("x"), move_rule("home", "x")]
)
def test_a_part_that_is_not_there_is_named(edit: Edit) -> None:
    with pytest.raises(UnknownPart, match="x"):
        edit(TEXT)


SHIPPED = {
    name: files("plugin").joinpath(f"scorecards/{name}.yaml").read_text(encoding="utf-8")
    for name in ("b2b", "minimal")
}
_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1)


@settings(max_examples=20)
@given(st.sampled_from(sorted(SHIPPED)), st.data())
def test_whatever_is_edited_the_data_is_what_was_meant(name: str, data: st.DataObject) -> None:
    text = SHIPPED[name]
    meant = read_document(text, name).data
    group = data.draw(st.sampled_from(meant["groups"]))
    rule = data.draw(st.sampled_from(group["rules"]))
    edit = data.draw(st.sampled_from(sorted(_MEANT)))
    made, expected = _MEANT[edit](meant, group, rule, data.draw(_TEXTS))
    after = made(text)
    assert read_document(after, name).data == expected
    assert _comments(after) <= _comments(text)


def _comments(text: str) -> set[str]:
    return {line.strip() for line in text.splitlines() if line.strip().startswith("#")}


_Meant = Callable[[Any, Any, Any, str], tuple[Edit, Any]]


def _delete(meant: Any, group: Any, rule: Any, _: str) -> tuple[Edit, Any]:
    group["rules"].remove(rule)
    if not group["rules"]:
        del group["rules"]
    return delete_rule(rule["id"]), meant


def _move(meant: Any, group: Any, rule: Any, _: str) -> tuple[Edit, Any]:
    group["rules"].remove(rule)
    if not group["rules"]:
        del group["rules"]
    meant["groups"][-1].setdefault("rules", []).append(rule)
    return move_rule(rule["id"], meant["groups"][-1]["id"]), meant


def _relabel(meant: Any, _: Any, rule: Any, words: str) -> tuple[Edit, Any]:
    rule["label"] = {"fr": words}
    rule["points"] = 3
    return change_rule(rule["id"], rule), meant


def _first(meant: Any, group: Any, rule: Any, words: str) -> tuple[Edit, Any]:
    new = {"id": "new", "kind": "field", "points": 1, "if": {"field": words, "equals": words}}
    group["rules"].append(new)
    return add_rule(group["id"], new), meant


_MEANT: dict[str, _Meant] = {"delete": _delete, "move": _move, "relabel": _relabel, "add": _first}
