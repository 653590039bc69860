"""What changed between two scorecards, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, TypeAlias

from .catalogue import catalogue
from .differences import Difference
from .sentences import action_text, condition_text, sentences

#: By key: its ``name``, and in ``choices`` the names of its values.
Words: TypeAlias = Mapping[str, Mapping[str, Any]]

_AS_WRITTEN: Words = MappingProxyType({})


def told(difference: Difference, lang: str, words: Words = _AS_WRITTEN) -> str:
    """One sentence in ``lang``. Keys that ``words`` does not have are told as they are written."""
    part, key = difference.part, difference.key
    name = _value("label", part.get("label") or part.get("id", ""), lang, words)
    return catalogue(lang)[f"difference.{difference.of}.{difference.what}"].format(
        name=name,
        key=words.get(key, {}).get("name", key),
        old=_value(key, difference.old, lang, words),
        new=_value(key, difference.new, lang, words),
        rule=" ".join(sentences(part, lang)) if difference.of == "rule" else "",
    )


def _value(key: str, value: Any, lang: str, words: Words) -> str:
    choices, strings = words.get(key, {}).get("choices", {}), catalogue(lang)
    match value:
        case bool():
            return strings["value.true" if value else "value.false"]
        case list():
            return "[" + ", ".join(_value(key, one, lang, words) for one in value) + "]"
        case {"en": _} | {"fr": _}:
            return str(value.get(lang) or next(iter(value.values())))
        case Mapping() if key == "if":
            return condition_text(value, lang)
        case Mapping() if key in ("actions", "on_rise", "on_fall"):
            return action_text(value, lang)
        case Mapping():
            inner = (f"{name}: {_value(name, one, lang, words)}" for name, one in value.items())
            return "{" + ", ".join(inner) + "}"
        case _:
            return str(choices.get(str(value)) or strings.get(f"kind.{value}") or value)
