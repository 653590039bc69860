"""Actions as they stand in the file, and the page that tells of them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.commands import ACTIONS
from plugin.scoring.actions import HANDOVERS, IRREVERSIBLE, OBJECTS
from plugin.scoring.loading import load
from plugin.scoring.problems import ScorecardError
from plugin.scoring.schema import BandSchema
from plugin.scoring.scorecard import Action

DOCS = Path(__file__).parents[3] / "docs"
CARD = """name: X
groups:
  - id: g
    dimension: engagement
    rules:
      - {{id: r, kind: activity, points: 1, activity: page_viewed, actions: [{action}]}}
bands:
  - {{id: low, {low}}}
  - {{id: high, enter: 9, {high}}}
"""


def text(action: str = "send_email: 5", low: str = "tag: l", high: str = "tag: h") -> str:
    return CARD.format(action=action, low=low, high=high)


def wrong(card: str) -> str:
    with pytest.raises(ScorecardError) as raised:
        load(card, "card.yaml")
    return str(raised.value)


def test_actions_are_read_in_their_order() -> None:
    card = load(text("{send_email: 5}, {call: {within: 4h}}"), "card.yaml")
    assert card.rules[0].actions == (
        Action("send_email", "5"),
        Action("call", within=timedelta(hours=4)),
    )


@pytest.mark.parametrize(
    ("action", "says"),
    [
        ("send_mail: 5", '"send_mail" is not known'),
        ("call: 1d", "must be a mapping with within, such as 1d"),
        ("call: {within: soon}", "must be a mapping with within"),
        ("set_stage: []", "must be the id of a stage"),
        ("{send_email: 1, set_stage: 2}", "must be one action and its object"),
        ("5", "must be one action and its object"),
    ],
)
def test_a_wrong_action_is_told_with_what_is_allowed(action: str, says: str) -> None:
    told = wrong(text(action))
    assert "card.yaml:6" in told
    assert says in told


def test_actions_that_could_never_be_done_are_mistakes() -> None:
    told = wrong(text(low="on_rise: [{set_stage: 1}]", high="on_fall: [{set_stage: 1}]"))
    assert "on_rise is not for the first band" in told
    assert "on_fall is not for the last band" in told


@pytest.mark.parametrize(
    ("written", "line"),
    [
        (text("add_tag: h"), 6),
        (text("{remove_tag: l}"), 6),
        (text(high="tag: h, on_rise: {add_tag: l}"), 9),
        (text(low="tag: l, on_fall: [{set_stage: 1}, {add_tag: h}]"), 8),
    ],
)
def test_the_tag_of_a_band_is_given_by_the_band_alone(written: str, line: int) -> None:
    told = wrong(written)
    assert told.startswith(f"card.yaml:{line}: ")
    assert "the own tag of the band" in told
    load(text("add_tag: another"), "card.yaml")


def test_every_action_is_a_command_of_connectors() -> None:
    assert OBJECTS.keys() == ACTIONS.keys()
    assert OBJECTS.keys() >= IRREVERSIBLE >= HANDOVERS


@pytest.mark.parametrize("name", ["actions.md", "actions.fr.md"])
def test_the_page_names_every_action_and_key_and_its_example_loads(name: str) -> None:
    page = (DOCS / name).read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| `(\w+)` \|", page)
    assert set(rows) == set(OBJECTS) | (set(BandSchema().fields) - {"id", "label", "tag"})
    card, verdicts = re.findall(r"(?s)```yaml\n(.*?)```", page)
    loaded = load(card + verdicts, name)
    assert loaded.handovers_per_week == 15
    assert loaded.verdicts is not None
