"""Wording of what is wrong in a scorecard: each message goes on after the name of the key."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches


def not_known(word: object, allowed: Collection[str]) -> str:
    """That ``word`` is not known, with the nearest allowed word, or all of them if none is near."""
    near = get_close_matches(str(word), allowed, n=1)
    if near:
        return f'is not known here; did you mean "{near[0]}"?'
    return f"is not known here; allowed: {', '.join(allowed)}"


def not_allowed(value: object, allowed: Collection[str]) -> str:
    """That ``value`` is not one of the allowed values."""
    return f'"{value}" is not known; allowed: {", ".join(allowed)}'
