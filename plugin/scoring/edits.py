"""What one does to a scorecard's text while editing it; comments and order stay.

Parts are named by their id. Whether the text then is a scorecard, ``load`` tells. Every edit raises
``UnknownPart``, or ``ScorecardError`` for a text that is not YAML.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from io import StringIO
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import MappingNode, SequenceNode

from .document import Path, composed, read_document
from .yaml_edits import drop, insert, move, put

#: One change of a text.
Edit: TypeAlias = Callable[[str], str]

_KEPT_APART = {"groups": ("rules",), "bands": ()}


class UnknownPart(LookupError):
    """The text has no such rule, group or band."""


def add_rule(group: str, rule: Mapping[str, Any]) -> Edit:
    """A new rule at the end of a group."""

    def edit(text: str) -> str:
        path = (*_part(text, "groups", group), "rules")
        return insert(text, path, len(_rules_in(text, path)), rule)

    return _on(edit)


def change_rule(id: str, rule: Mapping[str, Any]) -> Edit:
    """A rule as it shall be now; keys that it has not any more go."""
    return _on(lambda text: put(text, _rule(text, id), rule))


def switch_rule(id: str, on: bool) -> Edit:
    """A rule on or off."""

    def edit(text: str) -> str:
        path = (*_rule(text, id), "on")
        if not on:
            return put(text, path, False)
        return drop(text, path) if "on" in _at(text, path[:-1]) else text

    return _on(edit)


def delete_rule(id: str) -> Edit:
    """The text without a rule."""
    return _on(lambda text: drop(text, _rule(text, id)))


def move_rule(id: str, group: str, before: str | None = None) -> Edit:
    """A rule before another one of the group, or at its end."""

    def edit(text: str) -> str:
        source, to = _rule(text, id), (*_part(text, "groups", group), "rules")
        there = [rule.get("id") for rule in _rules_in(text, to)]
        if before is not None and before not in there:
            raise UnknownPart(before)
        if not there:
            # Nothing to stand beside: written anew, its comments stay behind with the text.
            return drop(insert(text, to, 0, _at(text, source)), source)
        place = len(there) if before is None else there.index(before)
        moved = move(text, source[:-1], int(source[-1]), to, place)
        left = source[:-1]
        return moved if left == to or len(_at(text, left)) > 1 else drop(moved, left)

    return _on(edit)


def add_group(group: Mapping[str, Any]) -> Edit:
    """A new group at the end."""
    return _on(lambda text: insert(text, ("groups",), len(_at(text, ("groups",))), group))


def change_group(id: str, group: Mapping[str, Any]) -> Edit:
    """A group as it shall be now; its rules stay."""
    return _on(lambda text: _changed(text, "groups", id, group))


def delete_group(id: str) -> Edit:
    """The text without a group and its rules."""
    return _on(lambda text: drop(text, _part(text, "groups", id)))


def add_band(band: Mapping[str, Any]) -> Edit:
    """A new band where its ``enter`` puts it."""

    def edit(text: str) -> str:
        edges = [one.get("enter") for one in _at(text, ("bands",))]
        place = sum(edge is None or edge < band["enter"] for edge in edges)
        return insert(text, ("bands",), max(place, 1), band)

    return _on(edit)


def change_band(id: str, band: Mapping[str, Any]) -> Edit:
    """A band as it shall be now."""
    return _on(lambda text: _changed(text, "bands", id, band))


def delete_band(id: str) -> Edit:
    """The text without a band."""
    return _on(lambda text: drop(text, _part(text, "bands", id)))


def change_settings(settings: Mapping[str, Any]) -> Edit:
    """Keys of the whole scorecard; those that are ``None`` go."""

    def edit(text: str) -> str:
        known = _data(text)
        for key, value in settings.items():
            if value is not None:
                text = put(text, (key,), value)
            elif key in known:
                text = drop(text, (key,))
        return text

    return _on(edit)


def _on(edit: Edit) -> Edit:
    return lambda text: edit(_editable(text))


def _editable(text: str) -> str:
    """The text with its groups, rules and bands on lines of their own, as edits need them."""
    data = _data(text)
    if not isinstance(data, Mapping):
        raise UnknownPart("groups")
    if _is_spread(composed(text)):
        return text
    yaml = YAML()
    yaml.width = 1_000_000
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    root = yaml.load(text)
    for key in ("groups", "bands"):
        _spread(root, key)
    written = StringIO()
    yaml.dump(root, written)
    return written.getvalue()


def _is_spread(node: Any) -> bool:
    lists = [(node, value) for key, value in node.value if key.value in ("groups", "bands")]
    for _, groups in list(lists):
        if isinstance(groups, SequenceNode):
            lists += [
                (group, value)
                for group in groups.value
                if isinstance(group, MappingNode)
                for key, value in group.value
                if key.value == "rules"
            ]
    return all(
        isinstance(value, SequenceNode) and not value.flow_style and not within.flow_style
        for within, value in lists
    )


def _spread(within: Any, key: str) -> None:
    if within.get(key) is None:
        return
    if not isinstance(within[key], CommentedSeq):
        within[key] = CommentedSeq([within[key]])
    within.fa.set_block_style()
    within[key].fa.set_block_style()
    for part in within[key]:
        if isinstance(part, CommentedMap):
            _spread(part, "rules")


def _changed(text: str, kind: str, id: str, part: Mapping[str, Any]) -> str:
    path = _part(text, kind, id)
    kept = {key: value for key, value in _at(text, path).items() if key in _KEPT_APART[kind]}
    return put(text, path, {**part, **kept})


def _part(text: str, kind: str, id: str) -> Path:
    for index, part in enumerate(_at(text, (kind,))):
        if part.get("id") == id:
            return (kind, index)
    raise UnknownPart(id)


def _rule(text: str, id: str) -> Path:
    for group, part in enumerate(_at(text, ("groups",))):
        for index, rule in enumerate(part.get("rules", [])):
            if rule.get("id") == id:
                return ("groups", group, "rules", index)
    raise UnknownPart(id)


def _rules_in(text: str, path: Path) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = _at(text, path[:-1]).get("rules", [])
    return found


def _at(text: str, path: Path) -> Any:
    found = _data(text)
    for key in path:
        found = found[key]
    return found


@lru_cache(maxsize=8)
def _data(text: str) -> Any:
    return read_document(text, "draft").data
