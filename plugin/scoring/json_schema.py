"""The scorecard's schema as JSON Schema, for editors that complete and check while one writes.

Made from the schemas that the loader uses, so that both know the same keys. What only the loader
can tell (a floor above its cap, a word that is near) stays with ``maturo scorecard validate``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import Schema
from marshmallow.fields import Field

from connectors.activity import KINDS as ACTIVITIES

from . import fields
from .actions import OBJECTS, ActionItem
from .catalogue import LANGUAGES
from .kinds.field import ConditionTree
from .kinds.limits import Per
from .kinds.selection import ActivityKind, AttributeTests
from .operators import OPERATORS
from .schema import AnyRule, CardSchema, Fading, Grades, Label, Weight, rule_schemas

_DURATION = r"^[1-9][0-9]{0,5}[wdhm]$"
_TEXT = {"type": ["string", "number"]}
_TEXTS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a scorecard's text."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Maturo scorecard",
        **_object(CardSchema()),
        "$defs": {"condition": _condition(), "rule": _rule()},
    }


def _object(schema: Schema) -> dict[str, Any]:
    named = {field.data_key or name: field for name, field in schema.fields.items()}
    required = [name for name, field in named.items() if field.required]
    described = {
        "type": "object",
        "description": _told(type(schema)),
        "properties": {name: _value(field) for name, field in named.items()},
        "additionalProperties": False,
    }
    return described | ({"required": required} if required else {})


def _value(field: Field[Any]) -> dict[str, Any]:
    """What may stand behind a key; anything where a field is of a class not known here."""
    for known in type(field).__mro__:
        if known in _SHAPES:
            return _SHAPES[known](field)
    return {"description": _told(type(field))}


def _rule() -> dict[str, Any]:
    """By kind: an editor then offers the keys of that kind and no others."""
    schemas = rule_schemas()
    return {
        "type": "object",
        "required": ["id", "kind", "points"],
        "properties": {"kind": {"enum": list(schemas)}},
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]},
                "then": _object(schema),
            }
            for kind, schema in schemas.items()
        ],
    }


def _condition() -> dict[str, Any]:
    nested = {"$ref": "#/$defs/condition"}
    several = {"type": "array", "items": nested, "minItems": 1}
    operators: dict[str, Any] = {name: {} for name in (*OPERATORS, "age")}
    return {
        "type": "object",
        "description": "{field: country, in: [FR, BE]}, combined by all, any and not.",
        "properties": {"field": _TEXT, "all": several, "any": several, "not": nested, **operators},
        "additionalProperties": False,
        "minProperties": 1,
    }


def _one_or_more(field: Any) -> dict[str, Any]:
    inner = _value(field.inner)
    return {"anyOf": [inner, {"type": "array", "items": inner, "minItems": 1}]}


def _texts_by(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": dict(keys), "additionalProperties": False}


def _label(_: Any) -> dict[str, Any]:
    by_language = _texts_by({key: {"type": "string"} for key in LANGUAGES})
    return {"anyOf": [{"type": "string"}, by_language]}


def _fading(_: Any) -> dict[str, Any]:
    duration = {"type": "string", "pattern": _DURATION}
    steps = _texts_by({"every": duration, "lose": _TEXT, "floor": _TEXT})
    shapes = {"half_life": duration, "linear": duration, "expires": duration, "steps": steps}
    one = _texts_by(shapes) | {"minProperties": 1, "maxProperties": 1}
    return {"anyOf": [{"type": "string"}, one], "description": "How the points fade."}


def _action(_: Any) -> dict[str, Any]:
    called = _texts_by({"within": {"type": "string", "pattern": _DURATION}})
    objects = {
        name: called if name == "call" else _TEXT | {"description": told}
        for name, told in OBJECTS.items()
    }
    return _texts_by(objects) | {"minProperties": 1, "maxProperties": 1}


def _told(described: type) -> str:
    return (described.__doc__ or "").partition("\n")[0].rstrip(".")


def _numbers(*, whole: bool = False, least: int | None = None) -> Callable[[Any], dict[str, Any]]:
    shape: dict[str, Any] = {"type": "integer" if whole else "number"}
    return lambda _: shape if least is None else shape | {"minimum": least}


def _texts(pattern: str) -> Callable[[Any], dict[str, Any]]:
    return lambda _: {"type": "string", "pattern": pattern}


_SHAPES: Mapping[type, Callable[[Any], dict[str, Any]]] = {
    fields.Text: lambda _: _TEXT,
    fields.Identifier: _texts("^[a-z0-9_-]{1,64}$"),
    fields.Choice: lambda field: {"enum": [str(word) for word in field.allowed]},
    fields.Switch: lambda _: {"type": "boolean"},
    fields.Count: _numbers(whole=True, least=1),
    fields.Points: _numbers(),
    fields.Day: _texts(r"^\d{4}-\d{2}-\d{2}$"),
    fields.Duration: _texts(_DURATION),
    fields.Nested: lambda field: _object(field.schema),
    fields.OneOrMore: _one_or_more,
    ActionItem: _action,
    ActivityKind: lambda _: {
        "anyOf": [{"enum": sorted(ACTIVITIES)}, {"type": "string", "pattern": r"^custom\."}]
    },
    AnyRule: lambda _: {"$ref": "#/$defs/rule"},
    AttributeTests: lambda _: {"type": "object", "additionalProperties": _TEXTS},
    ConditionTree: lambda _: {"$ref": "#/$defs/condition"},
    Fading: _fading,
    Grades: lambda _: {"type": "object", "additionalProperties": {"type": "number"}},
    Label: _label,
    Per: lambda _: {
        "anyOf": [{"enum": ["ever", "day", "subject"]}, {"type": "string", "pattern": _DURATION}]
    },
    Weight: _numbers(least=0),
}
