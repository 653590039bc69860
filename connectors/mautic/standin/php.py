"""JSON and arrays the way PHP writes them, oddities included."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def encode(value: Any) -> bytes:
    r"""Compact JSON as ``json_encode`` makes it: ``\/`` for slashes, ``\uXXXX`` beyond ASCII."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def array(items: Mapping[int, Any]) -> list[Any] | dict[str, Any]:
    """A PHP array in JSON: a list when its keys are 0, 1, 2 … in that order, else an object."""
    if list(items) == list(range(len(items))):
        return list(items.values())
    return {str(key): value for key, value in items.items()}


def serialize(value: Any) -> str:
    """PHP's ``serialize``; Mautic gives the properties of a stored field in this form."""
    if isinstance(value, bool):
        return f"b:{int(value)};"
    if isinstance(value, int):
        return f"i:{value};"
    if isinstance(value, Mapping):
        inside = "".join(serialize(key) + serialize(item) for key, item in value.items())
        return f"a:{len(value)}:{{{inside}}}"
    if isinstance(value, list):
        return serialize(dict(enumerate(value)))
    text = "" if value is None else str(value)
    return f's:{len(text.encode())}:"{text}";'
