"""PHP's ``serialize`` read back: the form of some columns of Mautic's statistics. Pure."""

from __future__ import annotations

import re
from typing import Any

#: What visitors send is stored this way, so it may be of any depth; ours never goes so deep.
_DEPTH = 20
_HEAD = re.compile(rb"N;|([bid]):([^;]{1,40});|([sa]):([0-9]{1,9}):[\"{]")


class _NotPhp(ValueError):
    pass


def unserialize(text: str | None) -> Any:
    """Arrays as dictionaries, texts, numbers, booleans; ``None`` for null and for anything else.

    Objects are not read: nobody's bytes make anything here but plain values.
    """
    try:
        value, _ = _value((text or "").encode(), 0, _DEPTH)
    except ValueError:
        return None
    return value


def elements(value: Any) -> list[Any]:
    """The elements of a PHP array, in order; none if it is something else."""
    return list(value.values()) if isinstance(value, dict) else []


def _value(data: bytes, at: int, depth: int) -> tuple[Any, int]:
    head = _HEAD.match(data, at)
    if head is None or not depth:
        raise _NotPhp
    if head[3] == b"a":
        return _array(data, head.end(), int(head[4]), depth)
    if head[3] == b"s":
        return _text(data, head.end(), int(head[4]))
    return _scalar(head[1], head[2]), head.end()


def _scalar(kind: bytes | None, digits: bytes) -> bool | int | float | None:
    if kind is None:
        return None
    if kind == b"d":
        return float(digits)
    return digits == b"1" if kind == b"b" else int(digits)


def _text(data: bytes, start: int, length: int) -> tuple[str, int]:
    # Lengths are of bytes, and the text may hold anything, quotes too.
    end = start + length
    if data[end : end + 2] != b'";':
        raise _NotPhp
    return data[start:end].decode("utf-8", "replace"), end + 2


def _array(data: bytes, at: int, count: int, depth: int) -> tuple[dict[Any, Any], int]:
    found: dict[Any, Any] = {}
    for _ in range(count):
        key, at = _value(data, at, 1)
        found[key], at = _value(data, at, depth - 1)
    if data[at : at + 1] != b"}":
        raise _NotPhp
    return found, at + 1
