"""What changed between two scorecards: by meaning, not by line.

Rules, groups and bands are the same thing where they have the same id; order, comments and
spaces are no difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .document import read_document


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: a part that came or went, or a key of a part.

    ``part`` is the group, rule or band as it is now (as it was, if removed), the rest of the
    scorecard where ``of`` is ``card``. ``key``, ``old`` and ``new`` are of a changed key.
    """

    of: Literal["card", "group", "rule", "band"]
    what: Literal["added", "removed", "set", "unset", "changed"]
    part: Mapping[str, Any]
    key: str = ""
    old: Any = None
    new: Any = None


def differences(old: str, new: str, names: tuple[str, str] = ("old", "new")) -> list[Difference]:
    """Every difference between two texts; parts that have no id are left out.

    ``names`` are for messages. Raises ``ScorecardError`` for a text that is not YAML.
    """
    before, after = (_card(text, name) for text, name in zip((old, new), names, strict=True))
    return [
        *_changes("card", _rest(before), _rest(after)),
        *_parts("group", _groups(before), _groups(after)),
        *_parts("rule", _rules(before), _rules(after)),
        *_parts("band", _bands(before), _bands(after)),
    ]


def _card(text: str, name: str) -> Mapping[str, Any]:
    data = read_document(text, name).data
    # A draft may be any YAML while somebody works on it.
    return data if isinstance(data, Mapping) else {}


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
    parts = found if isinstance(found, list) else [found]
    return [one for one in parts if isinstance(one, Mapping) and isinstance(one.get("id"), str)]


def _parts(
    of: Literal["group", "rule", "band"],
    before: Mapping[str, Mapping[str, Any]],
    after: Mapping[str, Mapping[str, Any]],
) -> Iterator[Difference]:
    for id in before:
        if id not in after:
            yield Difference(of, "removed", before[id])
    for id in after:
        if id not in before:
            yield Difference(of, "added", after[id])
    for id in after:
        if id in before:
            yield from _changes(of, before[id], after[id])


def _changes(
    of: Literal["card", "group", "rule", "band"],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> Iterator[Difference]:
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key), after.get(key)
        if key not in before:
            yield Difference(of, "set", after, key, new=new)
        elif key not in after:
            yield Difference(of, "unset", after, key, old=old)
        elif not _same(old, new):
            yield Difference(of, "changed", after, key, old, new)


def _same(old: Any, new: Any) -> bool:
    """One value and a list of that value alone mean the same to every key that takes a list."""
    return bool(_plain(old) == _plain(new))


def _plain(value: Any) -> Any:
    if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], dict):
        return value[0]
    return value
