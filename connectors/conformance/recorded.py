"""What deliveries say, kept in a file, so that a change of the reading does not go unnoticed."""

from __future__ import annotations

from typing import Any

import orjson

from ..activity import Reading, fields_of
from .example import Example

_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS


def record(example: Example) -> None:
    """Write ``example.recorded`` anew; look at the difference before you keep it."""
    assert example.recorded is not None, "give your example `recorded`, the file to write"
    told = {name: said(example, headers, body) for name, headers, body in example.samples()}
    example.recorded.write_bytes(orjson.dumps(told, option=_OPTIONS) + b"\n")


def said(example: Example, headers: Any, body: bytes) -> Any:
    """What a body says, as plain JSON."""
    return as_json(example.connector.read_webhook(headers, body, example.usual))


def as_json(reading: Reading) -> Any:
    """A reading as plain JSON, each item with what it is."""
    items = [{"is": type(one).__name__, "told": fields_of(one)} for one in reading.items]
    told = {"items": items, "broken": reading.broken, "ignored": dict(reading.ignored)}
    # Attributes may hold what JSON has no word for.
    return orjson.loads(orjson.dumps(told, default=str))
