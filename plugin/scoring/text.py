"""What texts of a scorecard may hold, and how they are compared: without case and outer spaces."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from unicodedata import category


def plain(value: Any) -> str:
    """The value as it is compared: ``" Paris "`` and ``paris`` are the same, so are 5 and ``5``."""
    return str(value).strip().casefold()


def glob(pattern: str) -> Callable[[str], bool]:
    """A test for plain text; ``*`` stands for any text, every other character for itself.

    Only the star is special, unlike ``fnmatch``: names such as ``Form [FR]`` and ``ready?`` are
    common. The groups are atomic, so that no text takes more than linear time for each star.
    """
    first, *rest = (re.escape(part) for part in plain(pattern).split("*"))
    if not rest:
        return plain(pattern).__eq__
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1])
    compiled = re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)
    return lambda text: compiled.fullmatch(text) is not None


def harmless(character: str) -> bool:
    """Whether it is a letter, a sign or a space: it breaks no line and steers no terminal."""
    # isprintable knows only the plain space; French sets no-break ones.
    return character.isprintable() or category(character) == "Zs"
