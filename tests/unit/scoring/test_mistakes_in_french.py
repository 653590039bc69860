"""Every mistake that a scorecard's text can have is told in French as well."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import plugin.scoring
from plugin.scoring.actions import OBJECTS
from plugin.scoring.catalogue import said
from plugin.web.said import sayer

FRENCH = sayer(said("fr"))
FILES = sorted(Path(plugin.scoring.__path__[0]).rglob("*.py"))
#: Raised to programmers, or only put together of others.
INTERNAL = {'no explanations in "x1"; known: x1', "x1 x1"}
RAISED = {"ValidationError", "ValueError", "_refusal", "Problem", "Worded"}


def texts(node: ast.AST) -> Iterator[str]:
    """The texts within a call; ``x1`` stands for a value."""
    if isinstance(node, ast.JoinedStr):
        yield "".join(
            "x1" if isinstance(part, ast.FormattedValue) else part.value for part in node.values
        )  # type: ignore[attr-defined]
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    else:
        for inner in ast.iter_child_nodes(node):
            yield from texts(inner)


def mistakes(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        raised = isinstance(node, ast.Call) and getattr(node.func, "id", "") in RAISED
        told = isinstance(node, ast.Yield) and path.stem == "contradictions"
        returned = isinstance(node, ast.Return) and path.stem == "wording"
        if raised or told or returned:
            yield from (text for text in texts(node) if text.count(" ") >= 1)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_mistake_has_its_french(path: Path) -> None:
    untold = [text for text in mistakes(path) if FRENCH(text) == text and text not in INTERNAL]
    assert untold == []


def test_the_objects_of_actions_are_told_as_well() -> None:
    assert [name for name, told in OBJECTS.items() if FRENCH(told) == told] == []
    assert FRENCH("must be the id of an e-mail") == "doit être l’identifiant d’un e-mail"


def test_values_stay_as_they_are() -> None:
    told = FRENCH('must be a percentage between 0% and 100%, not "120%"')
    assert (
        told.replace("\u00a0", " ") == "doit être un pourcentage entre 0% et 100%, et non « 120% »"
    )
