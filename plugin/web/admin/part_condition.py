"""A condition as lines of a form, where it is flat, else as its text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plugin.scoring.operators import OPERATORS
from plugin.scoring.yaml_edits import flow
from plugin.web.forms import Posted

from .part_text import scalar, yaml

#: Lines offered beyond those there are.
_SPARE = 2
_OPERATORS = (*OPERATORS, "age")


def show_condition(value: Any) -> Mapping[str, Any]:
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


def read_condition(posted: Posted, name: str) -> Any:
    """The condition that was posted; ``None`` where none was."""
    text = posted.get(f"{name}.text", "").strip()
    if text:
        return yaml(text)
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
        return [scalar(one.strip()) for one in value.split(",") if one.strip()]
    return (value != "false") if operator in ("present", "free_mail") else scalar(value)
