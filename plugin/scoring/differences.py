"""What changed between two scorecards, in words: by meaning, not by line.

Rules, groups and bands are the same thing where they have the same id; order, comments and
spaces are no difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .document import read_document

_NOT_SET = "not set"


def differences(old: str, new: str, names: tuple[str, str] = ("old", "new")) -> list[str]:
    """One sentence for each difference between two texts that ``load`` accepts.

    ``names`` are for messages. Raises ``ScorecardError`` for a text that is not YAML.
    """
    before, after = (
        read_document(text, name).data or {} for text, name in zip((old, new), names, strict=True)
    )
    told = [f"{key}: {change}" for key, change in _changes(_rest(before), _rest(after))]
    for part, of in (("group", _groups), ("rule", _rules), ("band", _bands)):
        told += _parts(part, of(before), of(after))
    return told


def _rest(card: Mapping[str, Any]) -> dict[str, Any]:
    return {key: card[key] for key in card if key not in ("groups", "bands")}


def _groups(card: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        group["id"]: {key: group[key] for key in group if key != "rules"}
        for group in _listed(card, "groups")
    }


def _rules(card: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        rule["id"]: {"group": group["id"], **rule}
        for group in _listed(card, "groups")
        for rule in _listed(group, "rules")
    }


def _bands(card: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {band["id"]: dict(band) for band in _listed(card, "bands")}


def _listed(within: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = within.get(key, [])
    return found if isinstance(found, list) else [found]


def _parts(
    part: str, before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    for id in before:
        if id not in after:
            yield f'{part} "{id}" removed{_in_short(before[id])}'
    for id in after:
        if id not in before:
            yield f'{part} "{id}" added{_in_short(after[id])}'
    for id in after:
        if id in before:
            for key, change in _changes(before[id], after[id]):
                yield f'{part} "{id}": {key} {change}'


def _in_short(part: Mapping[str, Any]) -> str:
    """Its first keys that say most, such as ``: kind activity, points 5``."""
    said = [
        f"{key} {_told(part[key])}" for key in ("kind", "points", "enter", "cap") if key in part
    ]
    return f": {', '.join(said)}" if said else ""


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        if key not in before or key not in after or not _same(old, new):
            said = (
                _told(value) if key in side else _NOT_SET
                for value, side in ((old, before), (new, after))
            )
            yield key, " → ".join(said)


def _same(old: Any, new: Any) -> bool:
    """One value and a list of that value alone mean the same to every key that takes a list."""
    return bool(_plain(old) == _plain(new))


def _plain(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], dict):
        return value[0]
    return value


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_told(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_told, value)) + "]"
    return str(value)
