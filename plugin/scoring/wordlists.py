"""Word lists: the level of a job title in French or English, and domains of free mailboxes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

#: The levels of job titles, as they stand in ``words/levels.txt``.
LEVELS = ("assistant", "executive", "director", "manager", "specialist")


@cache
def free_mail_domains() -> frozenset[str]:
    """Domains where anybody gets a mailbox; an address there tells of no firm."""
    return frozenset(_entries("free_mail.txt"))


def level_of(title: str) -> str | None:
    """One of ``LEVELS``, or None when no word of the title is known."""
    found = {_levels()[words] for words in _pattern().findall(_unaccented(title))}
    return next((level for level in LEVELS if level in found), None)


def _unaccented(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", " ", plain)


@cache
def _pattern() -> re.Pattern[str]:
    # Longest first: "vice president" is taken before "president" is seen.
    longest = sorted(_levels(), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest)})\b")


@cache
def _levels() -> Mapping[str, str]:
    levels: dict[str, str] = {}
    level = ""
    for entry in _entries("levels.txt"):
        if entry.startswith("["):
            level = entry.strip("[]")
        else:
            levels[entry] = level
    return levels


def _entries(name: str) -> Iterator[str]:
    text = files(__package__).joinpath("words", name).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return (line for line in lines if line and not line.startswith("#"))
