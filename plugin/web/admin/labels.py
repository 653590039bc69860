"""What firms named themselves, in the language of the reader."""

from __future__ import annotations

from collections.abc import Mapping

from .languages import language


def labels(given: Mapping[str, str], id: str) -> str:
    """The label in the reader's language, else in English, else the id."""
    return given.get(language()) or given.get("en") or id
