"""marshmallow fields for what Mautic's PHP really sends.

Empty maps arrive as ``[]``, ids as number or text, modified-by names as ``" "``. A message names
what was expected and never the value: values are personal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from marshmallow import ValidationError, fields

Plain = str | int | float | bool | None | list[Any]

_T = TypeVar("_T")
_ID = re.compile(r"[0-9]{1,20}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_YEARS = range(2000, 2100)
_COUNT = re.compile(r"[0-9]{1,15}")
_ABSENCE: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": "missing",
    "null": "expected a value, found null",
}


class _Field(fields.Field[_T]):
    default_error_messages = _ABSENCE


class Id(_Field[str]):
    """A row id, number or digits, loaded as text. Digits only: it ends up in API paths."""

    default_error_messages = {"invalid": "expected an id of 1 to 20 digits"}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = str(value) if isinstance(value, int) else value
        if not isinstance(text, str) or not _ID.fullmatch(text):
            raise self.make_error("invalid")
        return text.lstrip("0") or "0"


class Whole(_Field[int]):
    """A whole number, also as digits in text (old PHP), loaded as ``int``."""

    default_error_messages = {"invalid": "expected a whole number"}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, str) and _COUNT.fullmatch(value):
            return int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        return value


class Moment(_Field[datetime]):
    """A moment of 2000 to 2099 as aware UTC. Without an offset it is UTC, as Mautic stores it."""

    default_error_messages = {  # noqa: RUF012
        "invalid": "expected a date such as 2026-11-21T20:07:39+00:00 in the years 2000 to 2099"
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            raise self.make_error("invalid")
        try:
            moment = datetime.fromisoformat(value)
        except ValueError as error:  # the 13th month, the 25th hour
            raise self.make_error("invalid") from error
        if moment.year not in _YEARS:
            raise self.make_error("invalid")
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Text(_Field[str | None]):
    """Text without the blanks around it, or ``None`` when empty; a required one must be filled."""

    default_error_messages = {"invalid": "expected text"}  # noqa: RUF012

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        text = clean(value).strip() or None
        if text is None and self.required:
            raise self.make_error("null")
        return text


class Part(fields.Nested):
    """A nested object; PHP's ``[]`` counts as null."""

    default_error_messages = _ABSENCE | {"type": "expected an object"}

    def deserialize(
        self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any
    ) -> Any:
        return super().deserialize(None if value == [] else value, attr, data, **kwargs)


class Under(_Field[str | None]):
    """The text under one key of an object, ``None`` when there is no object or no such text."""

    default_error_messages = {"invalid": "expected an object"}  # noqa: RUF012

    def __init__(self, key: str) -> None:
        super().__init__(allow_none=True)
        self._key = key

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:
        if value == []:
            return None
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        text = value.get(self._key)
        return clean(text) if isinstance(text, str) else None


class Names(_Field[list[str]]):
    """The texts under one key of a list of objects, sorted, each once.

    PHP writes a list with gaps, such as tags after a removal, as an object: both are read.
    """

    default_error_messages = {"invalid": "expected a list of objects"}  # noqa: RUF012

    def __init__(self, key: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._key = key

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        if not isinstance(value, dict | list):
            raise self.make_error("invalid")
        entries = value.values() if isinstance(value, dict) else value
        return sorted({self._name(entry) for entry in entries})

    def _name(self, entry: Any) -> str:
        name = entry.get(self._key) if isinstance(entry, dict) else None
        if not isinstance(name, str):
            raise ValidationError(f"expected objects with a text under {self._key}")
        return clean(name)


class Answers(_Field[dict[str, Plain]]):
    """A flat map of plain values, as delivered: an empty answer stays ``""``."""

    default_error_messages = {"invalid": "expected an object"}  # noqa: RUF012

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> dict[str, Plain]:
        if value == []:
            return {}
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        return {clean(alias): _plain(answer, alias) for alias, answer in value.items()}


class Profile(_Field[dict[str, Plain]]):
    """``{group: {alias: {"value": …}}}`` loaded as ``{alias: value}`` over all groups."""

    default_error_messages = {"invalid": "expected an object of field groups"}  # noqa: RUF012

    def _deserialize(
        self, value: Any, attr: str | None, data: Any, **kwargs: Any
    ) -> dict[str, Plain]:
        if value == []:
            return {}
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        return dict(_entries(value))


def clean(text: str) -> str:
    """The text without NUL characters: Mautic stores what visitors send, PostgreSQL will not."""
    return text.replace("\x00", "")


def _entries(groups: Mapping[str, Any]) -> Iterator[tuple[str, Plain]]:
    for group, entries in groups.items():
        if entries == [] or group == "all":  # the API's lists say all fields twice
            continue
        if not isinstance(entries, dict):
            raise ValidationError(f"{group}: expected an object of fields")
        for alias, entry in entries.items():
            if not isinstance(entry, dict) or "value" not in entry:
                raise ValidationError(f"{group}.{alias}: expected an object with a value")
            yield clean(alias), _plain(entry["value"], alias)


def _plain(value: Any, path: str) -> Plain:
    if value is None:  # most fields of most contacts
        return None
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list) and all(_is_scalar(part) for part in value):
        return [clean(part) if isinstance(part, str) else part for part in value]
    if _is_scalar(value):
        scalar: Plain = value
        return scalar
    raise ValidationError(f"{path}: expected text, a number, or a list of them")


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)
