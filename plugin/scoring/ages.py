"""Age from a birthday: the only condition that changes without anything being done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from .operators import Answer, read_day

_OLDEST = 120
#: What lies outside is a slip of the keyboard, as good as unknown.
_YEARS = range(1880, 2200)


@dataclass(frozen=True, slots=True)
class Ages:
    """Whole years from ``low`` to ``high``, both included."""

    low: int
    high: int

    def holds(self, birthday: Any, day: date) -> Answer:
        """Whether somebody of that birthday is of such an age on ``day``, if it can be known."""
        born = _born(birthday)
        if born is None or not born <= day < _turning(born, _OLDEST + 1):
            return None
        return _turning(born, self.low) <= day < _turning(born, self.high + 1)

    def turns(self, birthday: Any) -> tuple[date, ...]:
        """The days on which the answer changes."""
        born = _born(birthday)
        if born is None:
            return ()
        years = sorted({0, self.low, self.high + 1, _OLDEST + 1})
        return tuple(_turning(born, number) for number in years)


def parse_ages(operand: Any) -> Ages:
    """The ages in ``[20, 30]``; ``ValueError`` says what was expected."""
    if not isinstance(operand, list) or len(operand) != 2 or not all(map(_is_age, operand)):
        raise ValueError(f"must be two ages from 0 to {_OLDEST}, such as [20, 30]")
    low, high = operand
    if low > high:
        raise ValueError("must name the lower age first")
    return Ages(low, high)


def _born(birthday: Any) -> date | None:
    day = read_day(birthday)
    return day if day is not None and day.year in _YEARS else None


def _is_age(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _OLDEST


def _turning(born: date, years: int) -> date:
    """Somebody born on 29 February turns older on 1 March of other years."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)
