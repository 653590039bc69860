"""Conditions on a profile: ``{field: country, in: [FR, BE]}``, combined by all, any and not.

An unknown value is never a mismatch: it satisfies nothing, nor does its ``not``. Only
``present: false`` is true of a field that is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from marshmallow import ValidationError

from .operators import OPERATORS, Answer, Operator, Test, is_known
from .wording import not_known

_Judge: TypeAlias = Callable[[Mapping[str, Any]], Answer]
_COMBINED = ("all", "any", "not")


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition: the tree it came from, the fields it reads, and its test."""

    tree: Mapping[str, Any]
    fields: tuple[str, ...]
    _judge: _Judge = field(repr=False, compare=False)

    def holds(self, profile: Mapping[str, Any]) -> bool:
        """Whether the profile is known to satisfy the condition."""
        return self._judge(profile) is True


def compile_condition(tree: Any) -> Condition:
    """The condition that a tree of plain data describes.

    Raises marshmallow's ``ValidationError`` with all problems, nested as the tree is.
    """
    fields: dict[str, None] = {}
    judge = _compile(tree, fields)
    return Condition(tree, tuple(fields), judge)


def _compile(tree: Any, fields: dict[str, None]) -> _Judge:
    if not isinstance(tree, Mapping):
        raise ValidationError("must be a condition, such as {field: country, equals: France}")
    combined = [key for key in _COMBINED if key in tree]
    if not combined:
        return _compile_field(tree, fields)
    if len(tree) != 1:
        raise ValidationError(f'"{combined[0]}" must stand alone; put it in a list of its own')
    return _compile_combined(combined[0], tree[combined[0]], fields)


def _compile_combined(key: str, operand: Any, fields: dict[str, None]) -> _Judge:
    if key == "not":
        return _not(_nested(key, lambda: _compile(operand, fields)))
    if not isinstance(operand, list) or not operand:
        raise ValidationError({key: ["must be a list of conditions"]})
    judges: list[_Judge] = []
    problems: dict[int | str, Any] = {}
    for index, part in enumerate(operand):
        try:
            judges.append(_compile(part, fields))
        except ValidationError as error:
            problems[index] = error.messages
    if problems:
        raise ValidationError({key: problems})
    return _all(judges) if key == "all" else _any(judges)


def _nested(key: str, compiled: Callable[[], _Judge]) -> _Judge:
    try:
        return compiled()
    except ValidationError as error:
        raise ValidationError({key: error.messages}) from error


def _compile_field(tree: Mapping[str, Any], fields: dict[str, None]) -> _Judge:
    problems: dict[str, list[str]] = {}
    name = tree.get("field")
    if not isinstance(name, str) or not name.strip():
        problems["field"] = ["must name a field of the profile"]
    tests: list[tuple[bool, Test]] = []
    for key in tree.keys() - {"field"}:
        operator = OPERATORS.get(key)
        try:
            tests.append(_compile_operator(key, operator, tree[key]))
        except ValueError as error:
            problems[key] = [str(error)]
    if not tests and not problems:
        problems["field"] = [f"must be compared by one of: {', '.join(OPERATORS)}"]
    if problems:
        raise ValidationError(problems)
    fields[str(name)] = None
    return _all([_ask(str(name), *test) for test in tests])


def _compile_operator(key: str, operator: Operator | None, operand: Any) -> tuple[bool, Test]:
    if operator is None:
        raise ValueError(not_known(key, [*OPERATORS, *_COMBINED, "field"]))
    return operator.asks_presence, operator.compile(operand)


def _ask(name: str, asks_presence: bool, test: Test) -> _Judge:
    if asks_presence:
        return lambda profile: test(profile.get(name))

    def ask(profile: Mapping[str, Any]) -> Answer:
        value = profile.get(name)
        return test(value) if is_known(value) else None

    return ask


def _not(judge: _Judge) -> _Judge:
    def opposite(profile: Mapping[str, Any]) -> Answer:
        answer = judge(profile)
        return None if answer is None else not answer

    return opposite


def _all(judges: list[_Judge]) -> _Judge:
    def all_hold(profile: Mapping[str, Any]) -> Answer:
        answers = [judge(profile) for judge in judges]
        return False if False in answers else None if None in answers else True

    return judges[0] if len(judges) == 1 else all_hold


def _any(judges: list[_Judge]) -> _Judge:
    def any_holds(profile: Mapping[str, Any]) -> Answer:
        answers = [judge(profile) for judge in judges]
        return True if True in answers else None if None in answers else False

    return any_holds
