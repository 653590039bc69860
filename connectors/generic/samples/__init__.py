"""Mappings for tools that are often met, each in a file of its own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

#: The names of the files, in the order in which people choose.
TOOLS = ("maturo", "posthog", "rudderstack", "n8n", "make", "zapier", "dolibarr")
#: These send whatever one writes: they are asked to send what Maturo itself would.
_FREE = {"n8n": "maturo", "make": "maturo", "zapier": "maturo"}


@cache
def mapping_of(tool: str) -> Mapping[str, Any]:
    """The mapping of one of ``TOOLS``."""
    path = files(__name__).joinpath(f"{_FREE.get(tool, tool)}.json")
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found
