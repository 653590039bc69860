"""How fields of a scorecard that are no plain ones are shown on a form, and read back.

What a schema's own fields cannot show (labels in two languages, fading, conditions, choices of
several, actions) has a widget of its own, chosen by the class of the field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow.fields import Field

from connectors.activity import KINDS
from plugin.scoring import fields as scoring
from plugin.scoring.actions import ActionItem
from plugin.scoring.kinds.absence import Missing
from plugin.scoring.kinds.field import ConditionTree
from plugin.scoring.kinds.selection import ActivityKind, AttributeTests
from plugin.scoring.schema import Fading, Label
from plugin.scoring.yaml_edits import flow
from plugin.web.forms import Posted

from .part_condition import read_condition, show_condition
from .part_text import many, scalar, yaml

_SHAPES = ("half_life", "linear", "expires", "steps")


@dataclass(frozen=True, slots=True)
class Widget:
    """How a field of its own kind is shown (``parts`` go to the template), and read back.

    ``read`` answers ``None`` where nothing was given.
    """

    kind: str
    show: Callable[[Any], Mapping[str, Any]]
    read: Callable[[Posted, str], Any]


def widget_of(field: Field[Any]) -> Widget | None:
    """How this field is shown, if not as a plain one."""
    inner = field.inner if isinstance(field, scoring.OneOrMore) else field
    if isinstance(field, scoring.OneOrMore) and isinstance(inner, scoring.Choice):
        return _several(tuple(inner.allowed))
    return next((_WIDGETS[one] for one in type(inner).__mro__ if one in _WIDGETS), None)


def _several(allowed: Sequence[str]) -> Widget:
    """Boxes to tick, and a line for words of one's own."""

    def show(value: Any) -> Mapping[str, Any]:
        chosen = [] if value is None else [str(one) for one in many(value)]
        own = [one for one in chosen if one not in allowed]
        return {"allowed": allowed, "chosen": chosen, "own": "\n".join(own)}

    def read(posted: Posted, name: str) -> Any:
        ticked = posted.getlist(name)  # type: ignore[attr-defined]
        own = posted.get(f"{name}.own", "").split()
        return [*ticked, *own] or None

    return Widget("several", show, read)


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


def _show_lines(value: Any) -> Mapping[str, Any]:
    told = [_action_line(one) if isinstance(one, Mapping) else str(one) for one in many(value)]
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
            told = {"within": given} if action == "call" else scalar(given)
            actions.append({action: told} if colon else action)
    return actions or None


def _show_attributes(value: Any) -> Mapping[str, Any]:
    pairs = value.items() if isinstance(value, Mapping) else ()
    return {"text": "\n".join(f"{key}: {', '.join(map(str, many(one)))}" for key, one in pairs)}


def _read_attributes(posted: Posted, name: str) -> Any:
    found: dict[str, Any] = {}
    for line in posted.get(f"{name}.text", "").splitlines():
        key, _, texts = (part.strip() for part in line.partition(":"))
        values = [one.strip() for one in texts.split(",") if one.strip()]
        if key:
            found[key] = values[0] if len(values) == 1 else values
    return found or None


_ACTIVITIES = _several(tuple(sorted(KINDS)))
_LINES = Widget("actions", _show_lines, _read_actions)


def _show_missing(value: Any) -> Mapping[str, Any]:
    """Boxes to tick; a mapping that says more than kinds is shown as its text."""
    if isinstance(value, Mapping):
        return {**_ACTIVITIES.show(None), "text": flow(value)}
    return _ACTIVITIES.show(value)


def _read_missing(posted: Posted, name: str) -> Any:
    text = posted.get(f"{name}.text", "").strip()
    return yaml(text) if text else _ACTIVITIES.read(posted, name)


_WIDGETS: Mapping[type, Widget] = {
    Label: Widget("label", _show_label, _read_label),
    Fading: Widget("fading", _show_fading, _read_fading),
    ConditionTree: Widget("condition", show_condition, read_condition),
    ActionItem: _LINES,
    ActivityKind: _ACTIVITIES,
    AttributeTests: Widget("attributes", _show_attributes, _read_attributes),
    Missing: Widget("several", _show_missing, _read_missing),
}
