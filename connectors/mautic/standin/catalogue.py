"""What 6.0.3 has by name: the triggers of webhooks and the tables of statistics."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def catalogue() -> dict[str, Any]:
    """``triggers`` a webhook can have and ``tables`` of statistics with their columns."""
    loaded: dict[str, Any] = json.loads(
        files(__package__).joinpath("catalogue.json").read_text("utf-8")
    )
    return loaded
