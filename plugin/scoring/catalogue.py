"""The sentences of explanations, by reason key, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import orjson

LANGUAGES = ("en", "fr")


@cache
def said(language: str) -> Mapping[str, str]:
    """What is said of mistakes in a scorecard, by its English: nothing in English itself."""
    return {} if language == "en" else _read(f"said.{language}")


@cache
def catalogue(language: str) -> Mapping[str, str]:
    """The sentences of one of ``LANGUAGES``; every language has the same keys."""
    if language not in LANGUAGES:
        raise ValueError(f'no explanations in "{language}"; known: {", ".join(LANGUAGES)}')
    return _read(language)


def _read(name: str) -> Mapping[str, str]:
    strings: dict[str, str] = orjson.loads(
        files(__package__).joinpath("strings", f"{name}.json").read_bytes()
    )
    return strings
