"""Files that readers take with them."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response


def as_json_file(content: Any, name: str) -> Response:
    """An answer that the browser saves: moments in ISO 8601, dataclasses as objects."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
    answer = Response(orjson.dumps(content, option=options), mimetype="application/json")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
