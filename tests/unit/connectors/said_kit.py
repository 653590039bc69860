"""What modules say, read from their source, and what pages make of it in French."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

import plugin
from connectors import registry
from connectors.contract import Connector
from plugin.web.admin.sentences import SENTENCES
from plugin.web.said import sayer

FRENCH = Path(plugin.__path__[0]) / "locale/fr/LC_MESSAGES/messages.po"


def french(connector: Connector | None = None) -> Callable[[str], str]:
    """As pages say it: what is everybody's, and what is this connector's."""
    own = registry.strings(connector, "fr")["said"] if connector else {}
    return sayer(_everybodys() | own)


@cache
def _everybodys() -> dict[str, str]:
    with FRENCH.open("rb") as file:
        catalogue = read_po(file, locale="fr")
    return {one: str(catalogue[one].string) for one in SENTENCES}


def sentences(file: Path) -> Iterator[str]:
    """Every text of some words in a module's file but its docstrings; ``x1`` stands for a value."""
    nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    formats = [node for node in nodes if isinstance(node, ast.JoinedStr)]
    docstrings = [node.value for node in nodes if isinstance(node, ast.Expr)]
    passed = {id(part) for one in formats for part in ast.walk(one) if part is not one}
    for node in nodes:
        if id(node) in passed or node in docstrings:
            continue
        # Which request failed stands before the sentence.
        text = text_of(node).removeprefix("x1 x1: ").removeprefix("x1: ")
        if text.count(" ") >= 2:
            yield text


def text_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) or "x1" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
