from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import connectors.mautic
from connectors import registry
from connectors.mautic import CONNECTOR
from plugin.web.said import sayer

#: The modules whose sentences people read while they connect and look after a platform.
SPEAKERS = (
    *("answers", "auth", "client", "hook_health", "hooks", "onboarding", "score_fields"),
    "settings",
)
FRENCH = sayer(registry.strings(CONNECTOR, "fr")["said"])
#: Put together with others, or never shown.
PARTS = {
    *("Give the role of the API user the right Custom Fields: full, or create it by hand",),
    *("give it to the role of our API user in Mautic: Settings, Roles", "x1 (type x1)."),
    *("answered something else than Mautic's JSON: it is offline, or the address is wrong",),
    *("x1, or a firewall stands between", "; the last delivery was dated x1 UTC"),
    *("to read what no webhook tells", "for rules about optional answers"),
    *("for actions that send one", "for actions on segments", "for actions that set one"),
    *("x1, status x1", "URL not found", "Mautic could not do it now (x1)"),
    *(", without x1: this Mautic has no such event", "not there; needed only x1"),
}


def sentences(package: ModuleType, module: str) -> Iterator[str]:
    """Every text of some words in a module but its docstrings; ``x1`` stands for a value."""
    source = (Path(package.__path__[0]) / f"{module}.py").read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(source)))
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


@pytest.mark.parametrize("module", SPEAKERS)
def test_every_sentence_has_its_french(module: str) -> None:
    told = sentences(connectors.mautic, module)
    untold = [text for text in told if FRENCH(text) == text and text not in PARTS]
    assert untold == []
