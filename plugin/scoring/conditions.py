"""Conditions on a profile: ``{field: country, in: [FR, BE]}``, combined by all, any and not.

An unknown value is never a mismatch: it satisfies nothing, nor does its ``not``. Only
``present: false`` is true of a field that is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, TypeAlias

from marshmallow import ValidationError

from .ages import Ages, parse_ages
from .operators import OPERATORS, Answer, Test, is_known
from .wording import not_known

_Judge: TypeAlias = Callable[[Mapping[str, Any], date | None], Answer]
_COMBINED = ("all", "any", "not")
_OPERATORS = (*OPERATORS, "age")
#: How many texts each comparison remembers its answer for.
_REMEMBERED = 2_000


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition: the tree it came from, the fields it reads, and its test.

    ``ages`` are the birthdays among its fields: without one it depends on the profile alone.
    ``of_unknown`` says whether it holds of a profile of which nothing is known.
    """

    tree: Mapping[str, Any]
    fields: tuple[str, ...]
    _judge: _Judge = field(repr=False, compare=False)
    ages: tuple[tuple[str, Ages], ...] = field(repr=False, compare=False)
    of_unknown: bool = field(repr=False, compare=False)

    def holds(self, profile: Mapping[str, Any], day: date | None = None) -> bool:
        """Whether the profile is known to satisfy the condition on a day.

        Without a day every age is unknown.
        """
        return self._judge(profile, day) is True

    def turns(self, profile: Mapping[str, Any]) -> list[date]:
        """The days, in order, on which the answer may change while the profile stays."""
        if not self.ages:
            return []
        return sorted({day for name, ages in self.ages for day in ages.turns(profile.get(name))})


@dataclass(slots=True)
class _Reads:
    """What a condition under compilation reads: fields in order, and those that are birthdays."""

    fields: dict[str, None] = field(default_factory=dict)
    ages: list[tuple[str, Ages]] = field(default_factory=list)


def compile_condition(tree: Any) -> Condition:
    """The condition that a tree of plain data describes.

    Raises marshmallow's ``ValidationError`` with all problems, nested as the tree is.
    """
    reads = _Reads()
    judge = _compile(tree, reads)
    of_unknown = judge({}, None) is True
    return Condition(tree, tuple(reads.fields), judge, tuple(reads.ages), of_unknown)


def _compile(tree: Any, reads: _Reads) -> _Judge:
    if not isinstance(tree, Mapping):
        raise ValidationError("must be a condition, such as {field: country, equals: France}")
    combined = [key for key in _COMBINED if key in tree]
    if not combined:
        return _compile_field(tree, reads)
    if len(tree) != 1:
        raise ValidationError(f'"{combined[0]}" must stand alone; put it in a list of its own')
    return _compile_combined(combined[0], tree[combined[0]], reads)


def _compile_combined(key: str, operand: Any, reads: _Reads) -> _Judge:
    if key == "not":
        return _not(_nested(key, lambda: _compile(operand, reads)))
    if not isinstance(operand, list) or not operand:
        raise ValidationError({key: ["must be a list of conditions"]})
    judges: list[_Judge] = []
    problems: dict[int | str, Any] = {}
    for index, part in enumerate(operand):
        try:
            judges.append(_compile(part, reads))
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


def _compile_field(tree: Mapping[str, Any], reads: _Reads) -> _Judge:
    problems: dict[str, list[str]] = {}
    name = tree.get("field")
    if not isinstance(name, str) or not name.strip():
        problems["field"] = ["must name a field of the profile"]
    judges: list[_Judge] = []
    for key in tree.keys() - {"field"}:
        try:
            judges.append(_compile_operator(str(name), key, tree[key], reads))
        except ValueError as error:
            problems[key] = [str(error)]
    if not judges and not problems:
        problems["field"] = [f"must be compared by one of: {', '.join(_OPERATORS)}"]
    if problems:
        raise ValidationError(problems)
    reads.fields[str(name)] = None
    return _all(judges)


def _compile_operator(name: str, key: str, operand: Any, reads: _Reads) -> _Judge:
    if key == "age":
        ages = parse_ages(operand)
        reads.ages.append((name, ages))
        return lambda profile, day: None if day is None else ages.holds(profile.get(name), day)
    if key not in OPERATORS:
        raise ValueError(not_known(key, [*_OPERATORS, *_COMBINED, "field"]))
    return _ask(name, OPERATORS[key].asks_presence, OPERATORS[key].compile(operand))


def _ask(name: str, asks_presence: bool, test: Test) -> _Judge:
    def answer(value: Any) -> Answer:
        return test(value) if asks_presence or is_known(value) else None

    # Contacts share countries, titles and sizes: a text is read once. What is no text is left
    # alone, because 1 and True would be taken for one another.
    remembered = lru_cache(maxsize=_REMEMBERED)(answer)

    def ask(profile: Mapping[str, Any], _: date | None) -> Answer:
        value = profile.get(name)
        return remembered(value) if type(value) is str else answer(value)

    return ask


def _not(judge: _Judge) -> _Judge:
    def opposite(profile: Mapping[str, Any], day: date | None) -> Answer:
        answer = judge(profile, day)
        return None if answer is None else not answer

    return opposite


def _all(judges: list[_Judge]) -> _Judge:
    def all_hold(profile: Mapping[str, Any], day: date | None) -> Answer:
        answers = [judge(profile, day) for judge in judges]
        return False if False in answers else None if None in answers else True

    return judges[0] if len(judges) == 1 else all_hold


def _any(judges: list[_Judge]) -> _Judge:
    def any_holds(profile: Mapping[str, Any], day: date | None) -> Answer:
        answers = [judge(profile, day) for judge in judges]
        return True if True in answers else None if None in answers else False

    return any_holds
