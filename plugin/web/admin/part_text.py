"""Values of a scorecard as they are typed into a form."""

from __future__ import annotations

from typing import Any

from plugin.scoring.document import read_document
from plugin.scoring.problems import ScorecardError


def many(value: Any) -> list[Any]:
    """Its values, of one that may stand for a list too."""
    return list(value) if isinstance(value, list | tuple) else [value]


def scalar(text: str) -> Any:
    """Numbers and truths as such; everything else is text."""
    read = yaml(text) if text else ""
    return text if isinstance(read, list | dict) or read is None else read


def yaml(text: str) -> Any:
    """What a text is as a piece of a scorecard; what cannot be read stays text."""
    try:
        return read_document(text, "form").data
    except ScorecardError:
        return text
