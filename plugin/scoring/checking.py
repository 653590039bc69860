"""What is wrong with one part of a scorecard while it is written, at the key where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from marshmallow import Schema, ValidationError

from .contradictions import contradictions
from .document import read_document
from .kinds import KINDS
from .schema import BandSchema, CardSchema, GroupSchema, rule_schemas

#: What a scorecard is made of.
Part: TypeAlias = Literal["rule", "group", "band", "card"]
_SCHEMAS: Mapping[Part, Schema] = {
    "group": GroupSchema(exclude=("rules",)),
    "band": BandSchema(),
    "card": CardSchema(only=("name", "timezone", "score", "handovers_per_week", "tolerance")),
}
_LISTS = {"groups": "group", "rules": "rule", "bands": "band"}


def schema_of(part: Part, kind: str = "") -> Schema:
    """The keys of a part; of a rule those of its kind. Raises ``KeyError`` for no kind."""
    return rule_schemas()[kind] if part == "rule" else _SCHEMAS[part]


def part_problems(part: Part, data: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is wrong with the part by itself, nested as the data is; empty if nothing is."""
    kind = str(data.get("kind", ""))
    if part == "rule" and kind not in KINDS:
        return {"kind": ["is missing"]}
    try:
        schema_of(part, kind).load(data)
    except ValidationError as error:
        messages: Mapping[str, Any] = error.messages  # type: ignore[assignment]
        return messages
    return {}


def clashes(text: str, part: Part, id: str) -> Mapping[str, list[str]]:
    """What the part of that id says against others, by its key. Raises ``ScorecardError``."""
    found: dict[str, list[str]] = {}
    data = read_document(text, "draft").data
    for path, says in contradictions(data):
        for end in range(len(path) - 1, 0, -1):
            named = _LISTS.get(str(path[end - 1])) if isinstance(path[end], int) else None
            if named:
                if named == part and _at(data, path[: end + 1]).get("id") == id:
                    found.setdefault(str(path[end + 1]), []).append(says)
                break
    return found


def _at(data: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        data = data[key]
    return data
