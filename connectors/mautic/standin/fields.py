"""Contact and company fields: what they are, what values they take, how values are shown."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from . import php
from .author import Author

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TAG = re.compile(r"<[^>]*>")
_TEXT_LIMIT = 191


class Invalid(ValueError):
    """A value a field does not take; ``message`` is what Mautic says about it."""

    def __init__(self, alias: str, message: str) -> None:
        super().__init__(f"{alias}: {message}")
        self.alias = alias
        self.message = message


@dataclass(frozen=True)
class Field:
    """The definition of one field; ``added`` only when it came through our API."""

    id: int
    alias: str
    label: str
    type: str = "text"
    group: str = "core"
    fixed: bool = False
    unique: bool = False
    short_visible: bool = False
    public: bool = False
    default: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    object: Literal["lead", "company"] = "lead"
    added: str | None = None
    published: bool = True
    author: Author | None = None

    @property
    def choices(self) -> dict[str, str]:
        """Stored value to label; empty when the field takes anything."""
        listed = self.properties.get("list", [])
        if self.type not in ("select", "multiselect"):
            return {}
        return {item["value"]: item["label"] for item in listed}

    def loaded(self, value: Any) -> dict[str, Any]:
        """The field of a stored contact: ids and flags as text, properties serialised by PHP."""
        return {
            "id": str(self.id),
            "label": self.label,
            "alias": self.alias,
            "type": self.type,
            "group": self.group,
            "object": self.object,
            "is_fixed": str(int(self.fixed)),
            "properties": php.serialize(self.properties),
            "default_value": self.default,
            "value": value,
            "normalizedValue": self._shown(value),
        }

    def fresh(self, value: Any) -> dict[str, Any]:
        """The field of a contact made a moment ago: fewer keys, real types."""
        return {
            "id": self.id,
            "group": self.group,
            "label": self.label,
            "alias": self.alias,
            "type": self.type,
            "properties": dict(self.properties) or [],
            "value": value,
            "normalizedValue": self._shown(value),
        }

    def clean(self, value: Any) -> Any:
        """The value as it is stored; raises ``Invalid``."""
        if value is None or value == "":
            return None
        if self.type == "number":
            return self._number(value)
        if self.type == "boolean":
            return value in (True, 1, "1", "true", "yes")
        if self.type == "multiselect":
            chosen = value if isinstance(value, list) else str(value).split("|")
            return "|".join(self._chosen(item) for item in chosen)
        return self._chosen(value) if self.choices else self._text(value)

    def _number(self, value: Any) -> int | float:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise Invalid(self.alias, "Please enter a number.") from None
        places = int(self.properties.get("scale", 0))
        rounded = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)
        return int(rounded) if rounded == rounded.to_integral_value() else float(rounded)

    def _chosen(self, value: Any) -> str:
        if self.choices and str(value) not in self.choices:
            raise Invalid(self.alias, "The selected choice is invalid.")
        return str(value)

    def _text(self, value: Any) -> str:
        text = _TAG.sub("", str(value))
        if self.type == "email" and not _EMAIL.fullmatch(text):
            raise Invalid(self.alias, f"{text} is invalid.")
        if len(text) > _TEXT_LIMIT:
            message = f"This value is too long. It should have {_TEXT_LIMIT} characters or less."
            raise Invalid(self.alias, message)
        return text

    def _shown(self, value: Any) -> Any:
        if value is None:
            return ""
        if self.type == "boolean":
            return self.properties.get("yes" if value else "no", "")
        if self.choices:
            return "|".join(self.choices.get(item, item) for item in str(value).split("|"))
        return value


def strip_tags(text: str) -> str:
    """The text without HTML tags, as Mautic cleans what comes in."""
    return _TAG.sub("", text)


@cache
def standard(kind: Literal["contact", "company"]) -> tuple[Field, ...]:
    """The fields of a new Mautic 6.0.3."""
    text = files(__package__).joinpath("fields.json").read_text("utf-8")
    owner: Literal["lead", "company"] = "lead" if kind == "contact" else "company"
    return tuple(Field(**item, object=owner) for item in json.loads(text)[kind])
