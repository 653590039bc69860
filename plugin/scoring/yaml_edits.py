"""Changes of a YAML text that leave every other character as it was: comments, order, spaces.

Ruamel tells where everything stands; only the characters of what changes are replaced. A comment
right above a key or an item belongs to it and goes where it goes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from .document import Path, composed

_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Letters to begin with, and nothing that means something to YAML; or a duration.
_PLAIN = re.compile(
    r"(?!(?:true|false|null|yes|no|on|off|y|n)$)[^\W\d_](?:[\w .()/+%’'-]*[\w.)%])?|[0-9]+[wdhm]",
    re.IGNORECASE,
)
_DASH = re.compile(r"^ *(-)(?=\s)", re.MULTILINE)


def put(text: str, path: Path, value: Any) -> str:
    """The text with ``value`` at ``path``; what is the same within it is not touched.

    The mapping around it must be there. Raises ``KeyError`` or ``IndexError``.
    """
    parent, key = _node(text, path[:-1]), path[-1]
    if isinstance(parent, SequenceNode):
        return _replaced(text, parent.value[int(key)], path, value, None)
    pair = _pair(parent, key)
    if pair is None:
        return _added(text, parent, str(key), value)
    return _replaced(text, pair[1], path, value, pair[0])


def drop(text: str, path: Path) -> str:
    """The text without the key or item at ``path``; a list that would be empty goes as a whole."""
    parent, key = _node(text, path[:-1]), path[-1]
    if isinstance(parent, SequenceNode):
        if len(parent.value) == 1:
            return drop(text, path[:-1])
        start, end = _item_span(text, parent, int(key))
        return _closed(text, start, end)
    return _without_key(text, parent, str(key))


def insert(text: str, path: Path, index: int, item: Mapping[str, Any]) -> str:
    """The text with one more item in the list at ``path``, which may not be there yet."""
    try:
        sequence = _node(text, path)
    except KeyError:
        sequence = None
    if not isinstance(sequence, SequenceNode) or not sequence.value:
        return _with_first_item(text, path, item)
    column = _dash(text, sequence, 0)[1]
    return _put_lines(text, sequence, index, _block(item, column))


def move(text: str, path: Path, index: int, to: Path, before: int) -> str:
    """The text with an item of the list at ``path`` put before another of the list at ``to``.

    ``before`` counts as the text stands now. The item keeps every character but its indentation.
    """
    source, target = _node(text, path), _node(text, to)
    start, end = _item_span(text, source, index)
    column = _dash(text, source, index)[1]
    there = _dash(text, target, 0)[1]
    lines = _line_ended(text[start:end])
    moved = "".join(_indented(line, there - column) for line in lines.splitlines(keepends=True))
    # What stands later in the text is changed first, so that the places found before still hold.
    place = _place(text, target, before)
    if place <= start:
        return _line_ended(text[:place]) + moved + _closed(text[place:], start - place, end - place)
    rest = _line_ended(text[:place])
    return _closed(rest, start, end) + moved + text[place:]


def flow(value: Any) -> str:
    """A value as YAML on one line. Texts that YAML could take for something else are quoted."""
    match value:
        case Mapping():
            return "{" + ", ".join(_pair_of(*pair) for pair in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(flow, value)) + "]"
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case str():
            return _word(value, _PLAIN)
        case _:
            return str(value)


def _pair_of(key: Any, value: Any) -> str:
    return f"{_word(str(key), _KEY)}: {flow(value)}"


def _word(text: str, plain: re.Pattern[str]) -> str:
    return text if plain.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _node(text: str, path: Path) -> Any:
    node = composed(text)
    for key in path:
        if isinstance(node, MappingNode):
            pair = _pair(node, key)
            if pair is None:
                raise KeyError(key)
            node = pair[1]
        elif isinstance(node, SequenceNode) and isinstance(key, int):
            node = node.value[key]
        else:
            raise KeyError(key)
    return node


def _pair(node: Any, key: str | int) -> tuple[Node, Node] | None:
    return next((pair for pair in node.value if pair[0].value == key), None)


def _end(node: Node) -> int:
    """Behind the last character of a node; marks of block collections stand at what follows."""
    if not isinstance(node, CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(node, MappingNode) else last)


def _content_end(text: str, node: Node) -> int:
    end = _end(node)
    return len(text[:end].rstrip()) if _is_literal(node) else end


def _is_literal(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.style in ("|", ">")


def _replaced(text: str, node: Node, path: Path, value: Any, key: Node | None) -> str:
    if isinstance(value, Mapping) and isinstance(node, MappingNode) and node.value:
        return _like(text, node, path, value)
    if flow(_value_of(node)) == flow(value):
        return text
    written = flow(value)
    start, end = node.start_mark.index, _content_end(text, node)
    if key is not None and (end == start or text[start:end].count("\n")):
        # Nothing yet, or several lines: the new value stands on the line of its key.
        start = text.index(":", key.end_mark.index) + 1
        written, end = f" {written}", max(start, end)
    return text[:start] + written + text[end:]


def _like(text: str, node: Any, path: Path, value: Mapping[str, Any]) -> str:
    for key in [pair[0].value for pair in node.value]:
        if key not in value:
            text = drop(text, (*path, key))
    for key, inner in value.items():
        text = put(text, (*path, key), inner)
    return text


def _value_of(node: Node) -> Any:
    yaml = YAML(typ="safe", pure=True)
    return yaml.constructor.construct_document(node)


def _added(text: str, parent: Any, key: str, value: Any) -> str:
    last_key, last = parent.value[-1]
    end = max(_content_end(text, last), last_key.end_mark.index)
    if parent.flow_style:
        return f"{text[:end]}, {_pair_of(key, value)}{text[end:]}"
    end = _line_end(text, end)
    line = f"{' ' * parent.value[0][0].start_mark.column}{_pair_of(key, value)}\n"
    return _line_ended(text[:end]) + line + text[end:]


def _without_key(text: str, parent: Any, key: str) -> str:
    keys = [pair[0].value for pair in parent.value]
    place = keys.index(key)
    start, end = parent.value[place][0].start_mark.index, _content_end(text, parent.value[place][1])
    if parent.flow_style and place:
        return text[: _end(parent.value[place - 1][1])] + text[end:]
    line = text.rfind("\n", 0, start) + 1
    if parent.flow_style or text[line:start].strip():
        # The first one, behind a bracket or a dash: the next takes its place.
        return text[:start] + text[parent.value[place + 1][0].start_mark.index :]
    column = start - line
    return _closed(text, _with_comments(text, line, column), _line_end(text, end))


def _with_first_item(text: str, path: Path, item: Mapping[str, Any]) -> str:
    parent, key = _node(text, path[:-1]), str(path[-1])
    if _pair(parent, key) is not None:
        text = drop(text, path)
        parent = _node(text, path[:-1])
    end = _line_end(text, _content_end(text, parent.value[-1][1]))
    column = parent.value[0][0].start_mark.column
    lines = f"{' ' * column}{key}:\n{_block(item, column + 2)}"
    return _line_ended(text[:end]) + lines + text[end:]


def _block(item: Mapping[str, Any], column: int) -> str:
    lines = [_pair_of(key, value) for key, value in item.items()]
    return "".join(
        f"{' ' * column}{'  ' if number else '- '}{line}\n" for number, line in enumerate(lines)
    )


def _put_lines(text: str, sequence: Any, index: int, lines: str) -> str:
    place = _place(text, sequence, index)
    return _line_ended(text[:place]) + lines + text[place:]


def _place(text: str, sequence: Any, index: int) -> int:
    """Where an item begins, or the last one ends."""
    if index < len(sequence.value):
        return _item_span(text, sequence, index)[0]
    return _item_span(text, sequence, len(sequence.value) - 1)[1]


def _item_span(text: str, sequence: Any, index: int) -> tuple[int, int]:
    """The whole lines of an item: comments above it, and those below that are further in."""
    line, column = _dash(text, sequence, index)
    end = _line_end(text, _content_end(text, sequence.value[index]))
    while (comment := _comment(text, end)) is not None and comment > column:
        end = _line_end(text, end)
    return _with_comments(text, line, column), end


def _dash(text: str, sequence: Any, index: int) -> tuple[int, int]:
    """Where the line of an item's dash begins, and its column."""
    begin = _content_end(text, sequence.value[index - 1]) if index else 0
    found = [
        one
        for one in _DASH.finditer(text, begin, sequence.value[index].start_mark.index)
        if one.start(1) >= sequence.start_mark.index
    ]
    return found[-1].start(), found[-1].start(1) - found[-1].start()


def _with_comments(text: str, line: int, column: int) -> int:
    while line:
        above = text.rfind("\n", 0, line - 1) + 1
        comment = _comment(text, above)
        if comment is None or comment > column:
            return line
        line = above
    return line


def _comment(text: str, line: int) -> int | None:
    """The column of the comment that this line is, if it is one."""
    told = text[line : _line_end(text, line)]
    return len(told) - len(told.lstrip()) if told.lstrip().startswith("#") else None


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end + 1


def _line_ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _closed(text: str, start: int, end: int) -> str:
    """Without these lines; of the empty lines that meet one stays."""
    before, after = text[:start], text[end:]
    if before.endswith("\n\n") and after.startswith("\n"):
        after = after[1:]
    return before + after


def _indented(line: str, by: int) -> str:
    if not line.strip():
        return line
    return " " * by + line if by >= 0 else line[min(-by, len(line) - len(line.lstrip())) :]
