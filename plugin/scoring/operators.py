"""What a condition can ask of one profile field. A new operator is a new row of ``OPERATORS``.

Platforms deliver numbers as text, several values as a list, and moments as ISO text, so values
are read by what they are compared with. A value that cannot be read so is as good as unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from marshmallow import ValidationError, validate

from .text import glob, plain
from .wordlists import LEVELS, free_mail_domains, level_of

#: True, False, or None where it cannot be known: an unknown value is never a mismatch.
Answer: TypeAlias = bool | None
Test: TypeAlias = Callable[[Any], Answer]

_YES, _NO = frozenset({"1", "true", "yes"}), frozenset({"0", "false", "no"})


@dataclass(frozen=True, slots=True)
class Operator:
    """``compile`` turns the operand into a test; its ``ValueError`` says what the operand must be.

    An operator that ``asks_presence`` is also asked of unknown values.
    """

    compile: Callable[[Any], Test]
    asks_presence: bool = False


def is_known(value: Any) -> bool:
    """Whether a platform's value says anything: empty text and an empty list do not."""
    return bool(value.strip()) if isinstance(value, str) else value is not None and value != []


def _some(test: Test) -> Test:
    def some(value: Any) -> Answer:
        if not isinstance(value, list | tuple):
            return test(value)
        answers = [test(item) for item in value]
        return True if True in answers else None if None in answers else False

    return some


def _equals(operand: Any) -> Test:
    if isinstance(operand, bool):
        return _some(lambda value: _same_truth(plain(value), operand))
    if isinstance(operand, Decimal | int | float):
        wanted = _wanted_number(operand)
        return _some(lambda value: _number(value) == wanted)
    text = _text(operand)
    return _some(lambda value: plain(value) == text)


def _not_equals(operand: Any) -> Test:
    equals = _equals(operand)

    def differs(value: Any) -> Answer:
        answer = equals(value)
        return None if answer is None else not answer

    return differs


def _in(operand: Any) -> Test:
    if not isinstance(operand, list) or not operand:
        raise ValueError("must be a list of values")
    tests = [_equals(item) for item in operand]
    return lambda value: any(test(value) for test in tests)


def _contains(operand: Any) -> Test:
    text = _text(operand)

    def contains(value: Any) -> Answer:
        if isinstance(value, list | tuple):
            return any(plain(item) == text for item in value)
        return text in plain(value)

    return contains


def _matches(operand: Any) -> Test:
    matches = glob(_text(operand))
    return _some(lambda value: matches(plain(value)))


def _between(operand: Any) -> Test:
    if not isinstance(operand, list) or len(operand) != 2:
        raise ValueError("must be two numbers, such as [50, 200]")
    low, high = (_wanted_number(bound) for bound in operand)
    if low > high:
        raise ValueError("must name the lower number first")
    return _number_test(lambda number: low <= number <= high)


def _at_least(operand: Any) -> Test:
    low = _wanted_number(operand)
    return _number_test(lambda number: number >= low)


def _at_most(operand: Any) -> Test:
    high = _wanted_number(operand)
    return _number_test(lambda number: number <= high)


def _before(operand: Any) -> Test:
    day = _wanted_day(operand)
    return _day_test(lambda value: value < day)


def _after(operand: Any) -> Test:
    day = _wanted_day(operand)
    return _day_test(lambda value: value > day)


def _present(operand: Any) -> Test:
    if not isinstance(operand, bool):
        raise ValueError("must be true or false")
    return lambda value: is_known(value) is operand


def _valid(operand: Any) -> Test:
    if not isinstance(operand, str) or operand not in _VALID:
        raise ValueError(f"must be one of: {', '.join(_VALID)}")
    valid = _VALID[operand]
    return _some(lambda value: valid(str(value).strip()))


def _is_email(text: str) -> bool:
    try:
        _EMAIL(text)
    except ValidationError:
        return False
    return True


def _is_phone(text: str) -> bool:
    """7 to 15 digits as E.164 has them, with an area in front or not; no number is 1111111."""
    digits = "".join(filter(str.isdecimal, text))
    return _PHONE.fullmatch(text) is not None and 7 <= len(digits) <= 15 and len(set(digits)) > 2


def _free_mail(operand: Any) -> Test:
    if not isinstance(operand, bool):
        raise ValueError("must be true or false")

    def free(value: Any) -> Answer:
        _, at, domain = plain(value).rpartition("@")
        return (domain in free_mail_domains()) is operand if at and domain else None

    return _some(free)


def _level(operand: Any) -> Test:
    wanted = operand if isinstance(operand, list) else [operand]
    if not wanted or not all(level in LEVELS for level in wanted):
        raise ValueError(f"must be one or a list of: {', '.join(LEVELS)}")

    def has(value: Any) -> Answer:
        level = level_of(str(value))
        return None if level is None else level in wanted

    return _some(has)


def _number_test(test: Callable[[Decimal], bool]) -> Test:
    def answer(value: Any) -> Answer:
        number = _number(value)
        return None if number is None else test(number)

    return _some(answer)


def _day_test(test: Callable[[date], bool]) -> Test:
    def answer(value: Any) -> Answer:
        day = read_day(value)
        return None if day is None else test(day)

    return _some(answer)


def _same_truth(text: str, wanted: bool) -> Answer:
    return (text in _YES) is wanted if text in _YES or text in _NO else None


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value).strip())
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def read_day(value: Any) -> date | None:
    """The day that a platform's value names, if it names one."""
    try:
        return datetime.fromisoformat(str(value).strip()).date()
    except ValueError:
        return None


def _wanted_number(operand: Any) -> Decimal:
    number = None if isinstance(operand, bool | str) else _number(operand)
    if number is None:
        raise ValueError("must be a number")
    return number


def _wanted_day(operand: Any) -> date:
    day = read_day(operand)
    if day is None:
        raise ValueError("must be a day such as 2026-03-31")
    return day


def _text(operand: Any) -> str:
    if isinstance(operand, list | dict) or not is_known(operand):
        raise ValueError("must be one value, not a list or nothing")
    return plain(operand)


_EMAIL = validate.Email()
_PHONE = re.compile(r"(\+|\(\+?)?[0-9][0-9 .()/\-]*", re.ASCII)
_VALID: Mapping[str, Callable[[str], bool]] = {"email": _is_email, "phone": _is_phone}

OPERATORS: Mapping[str, Operator] = {
    "equals": Operator(_equals),
    "not_equals": Operator(_not_equals),
    "in": Operator(_in),
    "contains": Operator(_contains),
    "matches": Operator(_matches),
    "between": Operator(_between),
    "at_least": Operator(_at_least),
    "at_most": Operator(_at_most),
    "before": Operator(_before),
    "after": Operator(_after),
    "valid": Operator(_valid),
    "free_mail": Operator(_free_mail),
    "level": Operator(_level),
    "present": Operator(_present, asks_presence=True),
}
