"""YAML text as plain data that remembers its lines.

Only the plain part of YAML: no tags, anchors, aliases or merges, so a text cannot grow while it
is read nor make objects. Numbers stay exact (``Decimal``), days stay text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import accumulate
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from .problems import Problem, ScorecardError

Path: TypeAlias = tuple[str | int, ...]

_LONGEST = 1_000_000
_DEEPEST = 50
_PREFIX = "tag:yaml.org,2002:"
_PLAIN = {"str", "int", "float", "bool", "null", "timestamp", "map", "seq"}


@dataclass(frozen=True, slots=True)
class Document:
    """The data of a text and the line (from 1) of every key and item in it."""

    data: Any
    lines: Mapping[Path, int]

    def line(self, path: Path) -> int:
        """The line of ``path``, or of the nearest thing around it that is in the text."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_document(text: str, name: str) -> Document:
    """The document in ``text``; ``ScorecardError`` if it is not plain YAML of at most 1 MB."""
    if len(text) > _LONGEST:
        raise _refusal(name, 1, f"must not be longer than {_LONGEST} characters")
    if _brackets(text) > _DEEPEST:
        raise _refusal(name, 1, "is nested too deeply")
    reader = _Reader()
    try:
        node = composed(text)
        data = reader.value(node, ()) if node is not None else None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise _refusal(name, line, f"is not YAML: {error.problem or error.context}") from error
    except YAMLError as error:
        raise _refusal(name, 1, f"is not YAML: {str(error).splitlines()[0]}") from error
    except RecursionError as error:
        raise _refusal(name, 1, "is nested too deeply") from error
    if reader.problems:
        raise ScorecardError(name, reader.problems)
    return Document(data, reader.lines)


@lru_cache(maxsize=8)
def composed(text: str) -> Any:
    """Where everything in a text stands: ruamel's nodes, which nobody must change.

    Kept, because an edit, its check and the page after it read the same text. Comments are not
    looked for, which halves the time; no mark stands elsewhere for that.
    """
    return YAML(typ="safe", pure=True).compose(text)


def _brackets(text: str) -> int:
    """The most brackets open at once. Before parsing: ruamel takes seconds over some thousand."""
    steps = (1 if bracket in "[{" else -1 for bracket in re.findall(r"[][{}]", text))
    return max(accumulate(steps), default=0)


def _refusal(name: str, line: int, message: str) -> ScorecardError:
    return ScorecardError(name, [Problem(line, "text", message)])


class _Reader:
    def __init__(self) -> None:
        self.lines: dict[Path, int] = {}
        self.problems: list[Problem] = []

    def value(self, node: Node, path: Path) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if self._refused(node):
            return None
        match node:
            case MappingNode():
                return self._mapping(node, path)
            case SequenceNode():
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
            case _:
                return _scalar(node)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, ScalarNode):
                self.problems.append(Problem(line, "text", "a key must be one word"))
                continue
            key = str(key_node.value)
            if key in data:
                self.problems.append(Problem(line, "text", f'"{key}" is here twice'))
            self._refused(key_node)
            self.lines[(*path, key)] = line
            data[key] = self.value(value_node, (*path, key))
        return data

    def _refused(self, node: Node) -> bool:
        """What is refused is not entered: aliases within aliases would take for ever."""
        if node.anchor is not None:
            message = "anchors (&) and aliases (*) are not allowed; write it out"
        elif str(node.tag).removeprefix(_PREFIX) not in _PLAIN:
            message = f"the tag {node.tag} is not allowed; write plain values"
        else:
            return False
        self.problems.append(Problem(node.start_mark.line + 1, "text", message))
        return True


def _scalar(node: Node) -> Any:
    text = str(node.value)
    match str(node.tag).removeprefix(_PREFIX):
        case "null":
            return None
        case "bool":
            return text.casefold() == "true"
        case "int" | "float":
            return _number(text)
        case _:
            return text


def _number(text: str) -> int | Decimal | str:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    whole = text.lstrip("+-").isdecimal() and len(text) < 20
    return int(number) if whole else number
