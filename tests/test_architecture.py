"""Imports only go down the floors of the house."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin.manifest import load_manifest

ROOT = Path(__file__).parents[1]
FACE = ["activity", "commands", "contract", "errors", "outbound", "registry"]
#: What a file must not import, by the beginning of its path; the longest beginning decides.
FORBIDDEN = {
    "connectors/": ["plugin", "flask", "sqlalchemy", "click"],
    "connectors/*/standin/": ["plugin", "sqlalchemy", "click"],
    "plugin/": ["connectors.*"],
    "plugin/scoring/": [
        *("connectors.*", "plugin.storage", "plugin.services", "plugin.web", "plugin.commands"),
        *("sqlalchemy", "flask", "httpx", "requests", "click", "structlog", "sqlite3", "socket"),
        "plugin.learning",
    ],
    "plugin/learning/": [
        *("connectors.*", "plugin.storage", "plugin.services", "plugin.web", "plugin.commands"),
        *("sqlalchemy", "flask", "httpx", "requests", "click", "structlog", "sqlite3", "socket"),
    ],
    "plugin/storage/": [
        *("connectors.*", "plugin.services", "plugin.web", "plugin.commands", "plugin.learning"),
        *("flask", "httpx", "requests", "click"),
    ],
    "plugin/services/": ["connectors.*", "plugin.web", "plugin.commands", "flask", "click"],
    "plugin/web/": ["connectors.*", "plugin.commands", "click"],
}


def imported(path: Path, source: str) -> Iterator[str]:
    """Every module that a file imports, also inside functions; relative ones made absolute."""
    package = path.parent.parts
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            home = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join((*home, *filter(None, [node.module])))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def forbidden(path: Path, source: str) -> list[str]:
    """The imports of a file that go up the floors."""
    beginnings = [one for one in FORBIDDEN if _under(path, one)]
    rules = FORBIDDEN[max(beginnings, key=len)] if beginnings else []
    return [name for name in imported(path, source) if any(_hits(name, rule) for rule in rules)]


def _under(path: Path, beginning: str) -> bool:
    steps = beginning.rstrip("/").split("/")
    return len(path.parts) > len(steps) and all(
        step in ("*", part) for step, part in zip(steps, path.parts, strict=False)
    )


def _hits(name: str, rule: str) -> bool:
    if rule == "connectors.*":
        package, _, rest = name.partition(".")
        return package == "connectors" and rest.partition(".")[0] not in FACE
    return name == rule or name.startswith(f"{rule}.")


#: Lines of a function.
LONGEST = 60
FILES = [
    path.relative_to(ROOT)
    for top in ("connectors", "plugin")
    for path in (ROOT / top).rglob("*.py")
]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_imports_go_down_the_floors(path: Path) -> None:
    assert forbidden(path, (ROOT / path).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", FILES, ids=str)
def test_functions_are_short(path: Path) -> None:
    """What is longer holds several things, views in a factory for one."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = (one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef))
    long = [one.name for one in functions if (one.end_lineno or 0) - one.lineno >= LONGEST]
    assert long == [] or "migrations" in path.parts


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("connectors/mautic/client.py", "import plugin.config"),
        ("connectors/mautic/client.py", "def late():\n    from flask import Flask"),
        ("connectors/mautic/standin/app.py", "from plugin import config"),
        ("plugin/worker.py", "from connectors.mautic import CONNECTOR"),
        ("plugin/worker.py", "from connectors import mautic"),
        ("plugin/worker.py", "import connectors.mautic.standin"),
        ("plugin/scoring/fold.py", "from ..storage import scores"),
        ("plugin/scoring/kinds/field.py", "from ...services import score"),
        ("plugin/scoring/fold.py", "import httpx"),
        ("plugin/scoring/fold.py", "from plugin.learning import card"),
        ("plugin/learning/card.py", "from plugin.storage import histories"),
        ("plugin/storage/scores.py", "from plugin.services.score import score_batch"),
        ("plugin/services/score.py", "from plugin import web"),
        ("plugin/web/hooks.py", "import plugin.commands.serve"),
    ],
)
def test_an_import_that_goes_up_is_found(path: str, source: str) -> None:
    assert forbidden(Path(path), source)


def test_what_is_allowed_is_not_found() -> None:
    assert not forbidden(Path("connectors/mautic/standin/app.py"), "from flask import Flask")
    assert not forbidden(Path("plugin/worker.py"), "from connectors.errors import AuthFailed")
    assert not forbidden(Path("plugin/storage/scores.py"), "from plugin.scoring import scorecard")


#: The demo plays the recorded month of one platform, beside its stand-in.
_KNOWS_ITS_PLATFORM = {Path("plugin/demo/stage.py"), Path("plugin/commands/demo.py")}


def texts(source: str) -> Iterator[str]:
    """What a file may compare, store or show: its texts, but for docstrings."""
    tree = ast.parse(source)
    docstrings = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}
    constants = (one for one in ast.walk(tree) if isinstance(one, ast.Constant))
    yield from (
        one.value for one in constants if isinstance(one.value, str) and id(one) not in docstrings
    )


@pytest.mark.parametrize("connector", load_manifest().connector_ids)
def test_the_rest_of_the_program_names_no_connector(connector: str) -> None:
    word = re.compile(rf"(?i)(?<![\w.]){connector}(?!\w)")
    code = [path for path in FILES if path.parts[0] == "plugin"]
    named = {
        path
        for path in code
        if any(word.search(text) for text in texts((ROOT / path).read_text(encoding="utf-8")))
    }
    assert named <= _KNOWS_ITS_PLATFORM
    pages = (ROOT / "plugin" / "web").rglob("*.html")
    assert [page.name for page in pages if word.search(page.read_text(encoding="utf-8"))] == []
