"""How earned points fade. Pure: the age is a parameter.

Each decay says what is left of some points at each of some ages, together: most points were
earned several times, and millions are computed. Every amount is rounded once, by itself.

A decay travels as text (``half_life:30d``) so that a ledger entry stands by itself.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import TypeAlias

from .durations import format_duration, parse_duration


@dataclass(frozen=True, slots=True)
class NoDecay:
    """Points stay as they are."""

    @property
    def gone(self) -> timedelta | None:
        """The age from which nothing is left; ``None``: something always is."""
        return None

    def left(self, points: int, ages: Sequence[timedelta]) -> int:
        """Of ``points`` (micro-points) at these ages, none negative, together."""
        return points * len(ages)


@dataclass(frozen=True, slots=True)
class HalfLife:
    """Points halve every ``span``."""

    span: timedelta

    @property
    def gone(self) -> timedelta | None:
        """The age from which nothing is left; ``None``: something always is."""
        return None

    def left(self, points: int, ages: Sequence[timedelta]) -> int:
        """Of ``points`` (micro-points) at these ages, none negative, together."""
        # By its parts: to divide one timedelta by another costs four times as much.
        span, floor = self.span.total_seconds(), math.floor
        seconds = [age.days * 86_400 + age.seconds + age.microseconds / 1e6 for age in ages]
        return sum([floor(points * 2.0 ** (-age / span) + 0.5) for age in seconds])


@dataclass(frozen=True, slots=True)
class Linear:
    """Points shrink evenly and are gone after ``span``."""

    span: timedelta

    @property
    def gone(self) -> timedelta | None:
        """The age from which nothing is left; ``None``: something always is."""
        return self.span

    def left(self, points: int, ages: Sequence[timedelta]) -> int:
        """Of ``points`` (micro-points) at these ages, none negative, together."""
        # In whole numbers: a Fraction costs ten times as much.
        whole, twice = _micros(self.span), 2 * points
        young = [whole - age for age in map(_micros, ages) if age < whole]
        return sum([(twice * rest + whole) // (2 * whole) for rest in young])


@dataclass(frozen=True, slots=True)
class Steps:
    """After each full ``every``, ``lose`` of the original points goes; ``least`` of them stays."""

    every: timedelta
    lose: Fraction
    least: Fraction = Fraction(0)

    @property
    def gone(self) -> timedelta | None:
        """The age from which nothing is left; ``None``: something always is."""
        return None if self.least or not self.lose else self.every * math.ceil(1 / self.lose)

    def left(self, points: int, ages: Sequence[timedelta]) -> int:
        """Of ``points`` (micro-points) at these ages, none negative, together."""
        unit = math.lcm(self.lose.denominator, self.least.denominator)
        lose, least = int(self.lose * unit), int(self.least * unit)
        steps = Counter([age // self.every for age in ages])
        return sum(
            number * ((2 * points * max(least, unit - step * lose) + unit) // (2 * unit))
            for step, number in steps.items()
        )


@dataclass(frozen=True, slots=True)
class Expires:
    """Points are whole until they are ``after`` old, and gone from then on."""

    after: timedelta

    @property
    def gone(self) -> timedelta | None:
        """The age from which nothing is left; ``None``: something always is."""
        return self.after

    def left(self, points: int, ages: Sequence[timedelta]) -> int:
        """Of ``points`` (micro-points) at these ages, none negative, together."""
        after = self.after
        return points * sum([age < after for age in ages])


_SHARE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,6})?) ?%?", re.ASCII)

Decay: TypeAlias = NoDecay | HalfLife | Linear | Steps | Expires


def decayed(points: int, decay: Decay, age: timedelta) -> int:
    """What is left of ``points`` (micro-points) at ``age`` (not negative), rounded once."""
    return decay.left(points, (age,))


def _micros(span: timedelta) -> int:
    return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds


def round_half_up(value: Fraction) -> int:
    """The nearest whole number; halves go up, also below zero."""
    return math.floor(value + Fraction(1, 2))


@lru_cache(maxsize=4096)
def parse_decay(text: str) -> Decay:
    """The decay that ``text`` names; ``ValueError`` says what was expected."""
    shape, _, values = text.strip().partition(":")
    if shape == "none" and not values:
        return NoDecay()
    if shape not in _SHAPES:
        raise ValueError(f'must be none or one of {", ".join(_SHAPES)} with a value, not "{text}"')
    return _SHAPES[shape](values)


def format_decay(decay: Decay) -> str:
    """The text that ``parse_decay`` reads as this decay."""
    match decay:
        case NoDecay():
            return "none"
        case HalfLife(span):
            return f"half_life:{format_duration(span)}"
        case Linear(span):
            return f"linear:{format_duration(span)}"
        case Steps(every, lose, least):
            return f"steps:{format_duration(every)},{_percent(lose)},{_percent(least)}"
        case _:
            return f"expires:{format_duration(decay.after)}"


def _steps(values: str) -> Steps:
    parts = values.split(",")
    if len(parts) != 3:
        raise ValueError("must be steps:<every>,<lose>,<floor>, such as steps:30d,50%,0%")
    return Steps(parse_duration(parts[0]), parse_share(parts[1]), parse_share(parts[2]))


def parse_share(text: str) -> Fraction:
    """A percentage between 0 % and 100 % as a fraction; ``ValueError`` says what was expected."""
    found = _SHARE.fullmatch(text.strip())
    share = Fraction(found[1]) / 100 if found else Fraction(-1)
    if not 0 <= share <= 1:
        raise ValueError(f'must be a percentage between 0% and 100%, not "{text}"')
    return share


def _percent(share: Fraction) -> str:
    return f"{Decimal(share.numerator * 100) / share.denominator:f}%"


_SHAPES: Mapping[str, Callable[[str], Decay]] = {
    "half_life": lambda values: HalfLife(parse_duration(values)),
    "linear": lambda values: Linear(parse_duration(values)),
    "steps": _steps,
    "expires": lambda values: Expires(parse_duration(values)),
}
