"""The sentences of explanations, by reason key, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import orjson

LANGUAGES = ("en", "fr")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """The sentences of one of ``LANGUAGES``; every language has the same keys."""
    if language not in LANGUAGES:
        raise ValueError(f'no explanations in "{language}"; known: {", ".join(LANGUAGES)}')
    strings: dict[str, str] = orjson.loads(
        files(__package__).joinpath("strings", f"{language}.json").read_bytes()
    )
    return strings
