"""What services, connectors and schemas say in English, in the reader's language.

They say whole sentences with values put in. Here each sentence is found by its template again, so
that what is logged, stored or raised stays plain text. What is not found stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, partial

#: A sentence may stand behind others: so many of them are looked through at most.
_SENTENCES = 12


def sayer(catalogue: Mapping[str, str]) -> Callable[[str], str]:
    """Puts texts into another language; ``catalogue`` has its sentence for each English one.

    Both have their values as ``%(name)s``. A value is put into the language too if it is known.
    """
    return partial(_said, tuple(catalogue.items()))


def _said(catalogue: tuple[tuple[str, str], ...], text: str) -> str:
    return _whole(catalogue, text) or _in_sentences(catalogue, text)


def _whole(catalogue: tuple[tuple[str, str], ...], text: str) -> str | None:
    for pattern, foreign in _compiled(catalogue):
        if found := pattern.fullmatch(text):
            values = {name: _said(catalogue, value) for name, value in found.groupdict().items()}
            return foreign % values if values else foreign
    return None


def _in_sentences(catalogue: tuple[tuple[str, str], ...], text: str) -> str:
    """The longest known run of sentences at the start, then the same with the rest."""
    sentences = re.split(r"(?<=[.;]) ", text, maxsplit=_SENTENCES)
    for length in range(len(sentences) - 1, 0, -1):
        if known := _whole(catalogue, " ".join(sentences[:length])):
            return f"{known} {_said(catalogue, ' '.join(sentences[length:]))}"
    return text


@cache
def _compiled(catalogue: tuple[tuple[str, str], ...]) -> list[tuple[re.Pattern[str], str]]:
    """Those with most words of their own first: they say most about the text."""
    ordered = sorted(catalogue, key=lambda pair: -len(re.sub(r"%\(\w+\)s", "", pair[0])))
    return [(_pattern(english), foreign) for english, foreign in ordered]


def _pattern(english: str) -> re.Pattern[str]:
    """As a format a text with values has its per cent signs twice, one without has not."""
    parts = re.split(r"%\((\w+)\)s", english)
    plain = parts if len(parts) == 1 else [part.replace("%%", "%") for part in parts]
    named = (f"(?P<{part}>.+?)" if odd % 2 else re.escape(part) for odd, part in enumerate(plain))
    return re.compile("".join(named), re.DOTALL)
