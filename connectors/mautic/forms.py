"""Mautic's forms: which answers a person may leave out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import Transient
from .payload_fields import clean

#: Fields of a form that ask a visitor nothing.
_SILENT = frozenset({"button", "captcha", "freehtml", "freetext", "hidden", "pagebreak"})


def optional_answers(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """The aliases of the optional answers of a form as ``GET /api/forms/{id}`` shows it, in order.

    Raises ``Transient`` when the answer shows no fields.
    """
    form = answer.get("form")
    fields = form.get("fields") if isinstance(form, dict) else None
    # PHP writes a list with gaps, such as after a removed field, as an object.
    entries = list(fields.values()) if isinstance(fields, dict) else fields
    if not isinstance(entries, list) or not all(map(_is_field, entries)):
        raise Transient("the answer shows no fields of a form")
    return tuple(clean(entry["alias"]) for entry in entries if _is_asked(entry))


def _is_field(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("alias"), str)


def _is_asked(entry: Mapping[str, Any]) -> bool:
    required, read_only = entry.get("isRequired"), entry.get("isReadOnly")
    return not required and not read_only and entry.get("type") not in _SILENT
