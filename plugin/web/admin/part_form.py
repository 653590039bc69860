"""The form of one part of a scorecard, drawn from its schema, and what came back from it.

What a schema's own fields cannot show (labels in two languages, fading, conditions, choices of
several, actions) is drawn by a widget of its own, chosen by the class of the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from marshmallow import Schema
from marshmallow.fields import Field

from connectors.activity import KINDS
from plugin.scoring import fields as scoring
from plugin.scoring.actions import ActionItem
from plugin.scoring.document import read_document
from plugin.scoring.kinds.absence import Missing
from plugin.scoring.kinds.field import ConditionTree
from plugin.scoring.kinds.selection import ActivityKind, AttributeTests
from plugin.scoring.operators import OPERATORS
from plugin.scoring.problems import ScorecardError
from plugin.scoring.schema import Fading, Label
from plugin.scoring.yaml_edits import flow
from plugin.web.forms import Input, Posted, inputs, submitted

#: Conditions that a form offers lines for beyond those there are.
_SPARE = 2
_SHAPES = ("half_life", "linear", "expires", "steps")


@dataclass(frozen=True, slots=True)
class Widget:
    """How a field of its own kind is shown (``parts`` go to the template), and read back.

    ``read`` answers ``None`` where nothing was given.
    """

    kind: str
    show: Callable[[Any], Mapping[str, Any]]
    read: Callable[[Posted, str], Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A field by a widget: what a plain ``Input`` has, and the parts of its value."""

    input: Input
    parts: Mapping[str, Any]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.input, name)


class Form(Protocol):
    """What was posted: all values of a name as well."""

    def get(self, name: str, default: str, /) -> str:
        """The first value of that name."""
        ...

    def __contains__(self, name: object, /) -> bool: ...

    def getlist(self, name: str, /) -> list[str]:
        """Every value of that name."""
        ...


def draw(
    schema: Schema,
    words: Mapping[str, Mapping[str, Any]],
    values: Mapping[str, Any],
    problems: Mapping[str, Any],
    say: Callable[[str], str],
) -> list[Input | Drawn]:
    """Every field in the order of the schema."""
    plain = {one.name: one for one in inputs(_plain(schema), words, values, problems, say)}
    drawn: list[Input | Drawn] = []
    for key, field in _named(schema):
        widget = _widget(field)
        if widget is None:
            drawn.append(plain[key])
            continue
        own = words.get(key, {})
        shown = Input(
            name=key,
            kind=widget.kind,
            label=own.get("name", key),
            help=own.get("help", ""),
            required=field.required,
            errors=tuple(dict.fromkeys(map(say, _texts(problems.get(key))))),
        )
        drawn.append(Drawn(shown, widget.show(values.get(key, _default(field)))))
    return drawn


def taken(schema: Schema, posted: Form, stored: Mapping[str, Any]) -> dict[str, Any]:
    """What was posted as it stands in a scorecard's text; what is unchanged as it stood there."""
    given = submitted(_plain(schema), posted)
    for key, field in _named(schema):
        widget = _widget(field)
        if widget is not None and (value := widget.read(posted, key)) is not None:
            given[key] = _as_before(stored.get(key), value) if widget.kind == "several" else value
    order = [key for key, _ in _named(schema)]
    defaults = {key: _default(field) for key, field in _named(schema)}
    kept: dict[str, Any] = {}
    for key in [*stored, *(one for one in order if one not in stored)]:
        if key in given and (key in stored or not _same(defaults[key], given[key])):
            kept[key] = stored[key] if _same(stored.get(key), given[key]) else given[key]
    return kept


def _default(field: Field[Any]) -> Any:
    """What counts where a key is left out, as it would be written."""
    default = field.load_default
    if isinstance(default, tuple):
        return [getattr(one, "value", one) for one in default]
    return default if isinstance(default, bool | str | int) else None


def _as_before(stored: Any, ticked: Any) -> Any:
    """Boxes have no order: what is ticked as it stood there."""
    same = sorted(map(str, _many(stored))) == sorted(map(str, _many(ticked)))
    return stored if same else ticked


def _same(old: Any, new: Any) -> bool:
    return old is not None and _canonical(old) == _canonical(new)


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value] if len(value) != 1 else _canonical(value[0])
    return value if isinstance(value, bool) else str(value)


def _named(schema: Schema) -> Iterator[tuple[str, Field[Any]]]:
    return ((field.data_key or name, field) for name, field in schema.fields.items())


def _plain(schema: Schema) -> Schema:
    left_out = [name for name, field in schema.fields.items() if _widget(field)]
    only = None if schema.only is None else set(schema.only)
    return type(schema)(exclude={*schema.exclude, *left_out}, only=only)


def _widget(field: Field[Any]) -> Widget | None:
    inner = field.inner if isinstance(field, scoring.OneOrMore) else field
    if isinstance(field, scoring.OneOrMore) and isinstance(inner, scoring.Choice):
        return _several(tuple(inner.allowed))
    return next((_WIDGETS[one] for one in type(inner).__mro__ if one in _WIDGETS), None)


def _texts(wrong: Any) -> Iterator[str]:
    if isinstance(wrong, Mapping):
        for inner in wrong.values():
            yield from _texts(inner)
    elif isinstance(wrong, list):
        yield from map(str, wrong)


def _several(allowed: Sequence[str]) -> Widget:
    """Boxes to tick, and a line for words of one's own."""

    def show(value: Any) -> Mapping[str, Any]:
        chosen = [] if value is None else [str(one) for one in _many(value)]
        own = [one for one in chosen if one not in allowed]
        return {"allowed": allowed, "chosen": chosen, "own": "\n".join(own)}

    def read(posted: Posted, name: str) -> Any:
        ticked = posted.getlist(name)  # type: ignore[attr-defined]
        own = posted.get(f"{name}.own", "").split()
        return [*ticked, *own] or None

    return Widget("several", show, read)


def _many(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _show_label(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {"en": value or ""}


def _read_label(posted: Posted, name: str) -> Any:
    texts = {lang: posted.get(f"{name}.{lang}", "").strip() for lang in ("en", "fr")}
    return {lang: text for lang, text in texts.items() if text} or None


def _show_fading(value: Any) -> Mapping[str, Any]:
    shape, _, rest = str(value or "none").partition(":")
    if isinstance(value, Mapping) and len(value) == 1:
        [(shape, rest)] = value.items()
    if shape == "steps" and isinstance(rest, Mapping):
        return {"shape": shape, "span": rest.get("every", ""), **rest}
    if shape == "steps":
        every, lose, floor, *_ = (*str(rest).split(","), "", "")
        return {"shape": shape, "span": every, "lose": lose, "floor": floor}
    return {"shape": shape, "span": rest}


def _read_fading(posted: Posted, name: str) -> Any:
    shape, span, lose, floor = (
        posted.get(f"{name}.{part}", "").strip() for part in ("shape", "span", "lose", "floor")
    )
    if shape not in _SHAPES:
        return None
    if shape == "steps":
        steps = {"every": span, "lose": lose, "floor": floor}
        return {"steps": {key: text for key, text in steps.items() if text}}
    return {shape: span}


def _show_condition(value: Any) -> Mapping[str, Any]:
    """Lines of field, operator and value where it is flat; else its text."""
    how, tests = "all", [value] if value else []
    if isinstance(value, Mapping) and len(value) == 1 and {"all", "any"} & value.keys():
        [(how, tests)] = value.items()
    lines = [_line(one) for one in tests] if isinstance(tests, list) else [None]
    if None in lines:
        return {"text": flow(value), "operators": _OPERATORS}
    rows = [*lines, *[{}] * _SPARE]
    return {"how": how, "lines": list(enumerate(rows)), "operators": _OPERATORS, "text": ""}


def _line(test: Any) -> Mapping[str, Any] | None:
    if not isinstance(test, Mapping) or len(test) != 2 or "field" not in test:
        return None
    [operator] = test.keys() - {"field"}
    if operator not in _OPERATORS:
        return None
    value = test[operator]
    shown = ", ".join(map(str, value)) if isinstance(value, list) else _word(value)
    return {"field": test["field"], "operator": operator, "value": shown}


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read_condition(posted: Posted, name: str) -> Any:
    text = posted.get(f"{name}.text", "").strip()
    if text:
        return _yaml(text)
    tests, number = [], 0
    while f"{name}.{number}.operator" in posted:
        field, operator, value = (
            posted.get(f"{name}.{number}.{part}", "").strip()
            for part in ("field", "operator", "value")
        )
        if field:
            tests.append({"field": field, operator: _operand(operator, value)})
        number += 1
    how = posted.get(f"{name}.how", "all")
    return None if not tests else tests[0] if len(tests) == 1 else {how: tests}


def _operand(operator: str, value: str) -> Any:
    if operator in ("in", "between", "age") or (operator == "level" and "," in value):
        return [_scalar(one.strip()) for one in value.split(",") if one.strip()]
    return (value != "false") if operator in ("present", "free_mail") else _scalar(value)


def _scalar(text: str) -> Any:
    """Numbers and truths as such; everything else is text."""
    read = _yaml(text) if text else ""
    return text if isinstance(read, list | dict) or read is None else read


def _yaml(text: str) -> Any:
    try:
        return read_document(text, "form").data
    except ScorecardError:
        return text


def _show_lines(value: Any) -> Mapping[str, Any]:
    told = [_action_line(one) if isinstance(one, Mapping) else str(one) for one in _many(value)]
    return {"text": "\n".join(told) if value else ""}


def _action_line(action: Mapping[str, Any]) -> str:
    return "\n".join(
        f"{name}: {given['within'] if isinstance(given, Mapping) and 'within' in given else given}"
        for name, given in action.items()
    )


def _read_actions(posted: Posted, name: str) -> Any:
    actions: list[Any] = []
    for line in posted.get(f"{name}.text", "").splitlines():
        action, colon, given = (part.strip() for part in line.partition(":"))
        if action:
            told = {"within": given} if action == "call" else _scalar(given)
            actions.append({action: told} if colon else action)
    return actions or None


def _show_attributes(value: Any) -> Mapping[str, Any]:
    pairs = value.items() if isinstance(value, Mapping) else ()
    return {"text": "\n".join(f"{key}: {', '.join(map(str, _many(one)))}" for key, one in pairs)}


def _read_attributes(posted: Posted, name: str) -> Any:
    found: dict[str, Any] = {}
    for line in posted.get(f"{name}.text", "").splitlines():
        key, _, texts = (part.strip() for part in line.partition(":"))
        values = [one.strip() for one in texts.split(",") if one.strip()]
        if key:
            found[key] = values[0] if len(values) == 1 else values
    return found or None


_OPERATORS = (*OPERATORS, "age")
_ACTIVITIES = _several(tuple(sorted(KINDS)))
_LINES = Widget("actions", _show_lines, _read_actions)


def _show_missing(value: Any) -> Mapping[str, Any]:
    """Boxes to tick; a mapping that says more than kinds is shown as its text."""
    if isinstance(value, Mapping):
        return {**_ACTIVITIES.show(None), "text": flow(value)}
    return _ACTIVITIES.show(value)


def _read_missing(posted: Posted, name: str) -> Any:
    text = posted.get(f"{name}.text", "").strip()
    return _yaml(text) if text else _ACTIVITIES.read(posted, name)


_WIDGETS: Mapping[type, Widget] = {
    Label: Widget("label", _show_label, _read_label),
    Fading: Widget("fading", _show_fading, _read_fading),
    ConditionTree: Widget("condition", _show_condition, _read_condition),
    ActionItem: _LINES,
    ActivityKind: _ACTIVITIES,
    AttributeTests: Widget("attributes", _show_attributes, _read_attributes),
    Missing: Widget("several", _show_missing, _read_missing),
}
