"""The pages of the kinds: every key is told, every example is the one that the kind runs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from plugin.scoring.conditions import compile_condition
from plugin.scoring.evaluate import evaluate
from plugin.scoring.fold import fold
from plugin.scoring.history import history
from plugin.scoring.kinds import KINDS
from plugin.scoring.loading import load
from plugin.scoring.operators import OPERATORS
from plugin.scoring.scorecard import MICRO, Rule
from tests.builders import moment

PAGES = Path(__file__).parents[3] / "docs" / "kinds"
BOTH = [(kind, suffix) for kind in KINDS for suffix in ("", ".fr")]
HEAD = "name: Page\ngroups:\n  - id: all\n    dimension: fit\n    rules:\n"


def page(kind: str, suffix: str) -> str:
    return (PAGES / f"{kind}{suffix}.md").read_text(encoding="utf-8")


def blocks(text: str) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)


def card_of(rules: str) -> Any:
    indented = "".join(f"      {line}\n" for line in rules.splitlines())
    return load(f"{HEAD}{indented}bands: [{{id: cold}}]\n", "page")


@pytest.mark.parametrize(("kind", "suffix"), BOTH)
def test_the_examples_of_a_page_give_the_points_of_the_kind(kind: str, suffix: str) -> None:
    written, examples = blocks(page(kind, suffix)), KINDS[kind].examples
    assert len(written) == len(examples)
    for text, example in zip(written, examples, strict=True):
        card = card_of(text)
        [rule] = card.rules
        assert isinstance(rule, Rule)
        assert (rule.id, rule.kind) == (example.rule["id"], kind)
        told = history(example.activities, example.facts)
        lines = fold(card, told).lines
        assert evaluate(card, lines, moment(90)).score == example.points * MICRO


@pytest.mark.parametrize(("kind", "suffix"), BOTH)
def test_a_page_tells_every_key_of_its_kind(kind: str, suffix: str) -> None:
    text = page(kind, suffix)
    own = KINDS[kind].schema().fields
    shared = KINDS["activity"].schema().fields.keys() if kind != "activity" else ()
    told = {field.data_key or name for name, field in own.items() if name not in shared}
    assert [key for key in told if f"`{key}`" not in text] == []


def test_the_page_of_fields_tells_every_question() -> None:
    for suffix in ("", ".fr"):
        asked = [*OPERATORS, "age"]
        assert [name for name in asked if f"`{name}`" not in page("field", suffix)] == []
    assert compile_condition({"field": "birthday", "age": [20, 29]}).fields == ("birthday",)


def test_both_languages_show_the_same_examples() -> None:
    for kind in KINDS:
        assert blocks(page(kind, "")) == blocks(page(kind, ".fr"))
