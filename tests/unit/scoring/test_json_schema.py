"""The JSON Schema that editors use, made from the loader's own schemas."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from plugin.scoring.document import read_document
from plugin.scoring.json_schema import json_schema
from plugin.scoring.kinds import KINDS

_SHIPPED = files("plugin").joinpath("scorecards")
_CARDS = ("minimal", "b2b", "b2c", "demo")


def _mistakes(data: Any) -> list[str]:
    plain = json.loads(json.dumps(data, default=float))
    return [error.json_path for error in Draft202012Validator(json_schema()).iter_errors(plain)]


def _card(**rule: Any) -> dict[str, Any]:
    group = {"id": "group", "dimension": "engagement", "rules": [rule]}
    return {"name": "Card", "groups": [group], "bands": [{"id": "cold"}]}


def test_n12_the_shipped_schema_is_the_one_the_loader_gives():
    shipped = json.loads(_SHIPPED.joinpath("scorecard.schema.json").read_text(encoding="utf-8"))
    assert shipped == json_schema(), (
        "maturo scorecard schema > plugin/scorecards/scorecard.schema.json"
    )


def test_it_is_a_json_schema():
    Draft202012Validator.check_schema(json_schema())


@pytest.mark.parametrize("name", _CARDS)
def test_n12_every_shipped_scorecard_fits_it(name):
    text = _SHIPPED.joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    assert _mistakes(read_document(text, name).data) == []


@pytest.mark.parametrize("name", ["b2b", "b2c"])
def test_n12_shipped_scorecards_name_it_for_editors(name):
    text = _SHIPPED.joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=scorecard.schema.json\n")


@pytest.mark.parametrize(
    ("kind", "example"),
    [(kind.name, example) for kind in KINDS.values() for example in kind.examples],
)
def test_every_example_of_every_kind_fits_it(kind, example):
    assert _mistakes(_card(kind=kind, **example.rule)) == []


@pytest.mark.parametrize(
    "mistake",
    [
        {"id": "r", "kind": "activity", "activity": "page_viewed", "points": "many"},
        {"id": "r", "kind": "activity", "activity": "page_viewed", "points": 5, "pints": 5},
        {"id": "r", "kind": "activity", "activity": "looked", "points": 5},
        {"id": "r", "kind": "activity", "points": 5},
        {"id": "r", "kind": "guess", "points": 5},
        {"id": "R!", "kind": "field", "points": 5, "if": {"field": "a", "present": True}},
        {"id": "r", "kind": "field", "points": 5, "if": {"field": "a", "is_like": True}},
    ],
)
def test_a_mistake_is_seen_while_writing(mistake):
    assert _mistakes(_card(**mistake)) != []
