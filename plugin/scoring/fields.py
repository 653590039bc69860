"""Marshmallow fields of a scorecard, worded for the person who writes it.

Messages go on after the name of their key: ``points must be a number``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validates_schema

from .durations import parse_duration
from .scorecard import MICRO
from .text import harmless
from .wording import not_allowed, not_known

_MOST_POINTS = 1_000_000
_WORDING: dict[str, Any] = {"required": "is missing", "null": "must not be empty"}


class Strict(Schema):
    """A mapping that names every key it does not know, with the nearest one it does."""

    class Meta:
        unknown = EXCLUDE

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.error_messages["type"] = "must be a mapping of keys and values"

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _known_keys_only(self, data: object, original: object, **_: Any) -> None:
        if not isinstance(original, Mapping):
            return
        known = [field.data_key or name for name, field in self.fields.items()]
        unknown = {key: [not_known(key, known)] for key in original if key not in known}
        if unknown:
            raise ValidationError(unknown)


class Worded(fields.Field[Any]):
    """A value of any type; the base of all others, for the messages every field can give."""

    def __init__(self, **options: Any) -> None:
        super().__init__(error_messages=_WORDING, **options)


class Text(Worded):
    """Text of one line, at most 200 characters. Numbers are taken as they are written."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if isinstance(value, bool | list | dict) or not str(value).strip():
            raise ValidationError("must be text")
        if len(str(value)) > 200 or not all(map(harmless, str(value))):
            raise ValidationError("must be text of one line, at most 200 characters")
        return str(value).strip()


class Identifier(Worded):
    """The name by which the ledger keeps a rule, a group or a band."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        allowed = set("abcdefghijklmnopqrstuvwxyz0123456789-_")
        if not isinstance(value, str) or not 0 < len(value) <= 64 or not allowed.issuperset(value):
            raise ValidationError(
                "must be small letters a–z, digits, - and _, at most 64 of them, such as demo-page"
            )
        return value


class Choice(Worded):
    """One of the given words."""

    def __init__(self, allowed: Collection[str], **options: Any) -> None:
        super().__init__(**options)
        self.allowed = allowed

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if not isinstance(value, str) or value not in self.allowed:
            raise ValidationError(not_allowed(value, self.allowed))
        return value


class Switch(Worded):
    """``true`` or ``false``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("must be true or false")
        return value


class Count(Worded):
    """A whole number from 1 up."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST_POINTS:
            raise ValidationError("must be a whole number from 1 up")
        return value


class Points(Worded):
    """Points as whole micro-points, exactly: at most six decimals."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        number = finite(value)
        if abs(number) > _MOST_POINTS:
            raise ValidationError(f"must lie between -{_MOST_POINTS} and {_MOST_POINTS}")
        micro = number * MICRO
        if micro != int(micro) or len(number.as_tuple().digits) > 20:
            raise ValidationError("must have at most 6 decimals")
        return int(micro)


class Day(Worded):
    """A day such as ``2026-03-31``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        try:
            return date.fromisoformat(str(value))
        except ValueError as error:
            raise ValidationError("must be a day such as 2026-03-31") from error


class Duration(Worded):
    """A duration such as ``30d``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> timedelta:
        try:
            return parse_duration(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error


class Nested(fields.Nested):
    """A mapping with a schema of its own."""

    def __init__(self, schema: type[Strict], **options: Any) -> None:
        super().__init__(schema, error_messages=_WORDING, **options)


class OneOrMore(Worded):
    """A value or a list of values of another field, always read as a tuple."""

    def __init__(self, inner: fields.Field[Any], **options: Any) -> None:
        super().__init__(**options)
        self.inner = inner

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            return (self.inner.deserialize(value),)
        if not value:
            raise ValidationError("must not be an empty list")
        taken: list[Any] = []
        problems: dict[int | str, Any] = {}
        for index, item in enumerate(value):
            try:
                taken.append(self.inner.deserialize(item))
            except ValidationError as error:
                problems[index] = error.messages
        if problems:
            raise ValidationError(problems)
        return tuple(taken)


def finite(value: Any) -> Decimal:
    """The number in ``value`` (int, float or Decimal); ``ValidationError`` for anything else."""
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        number = Decimal(str(value))
        if number.is_finite():
            return number
    raise ValidationError(f'must be a number, not "{value}"')
