"""``maturo export`` and ``maturo forget``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_kit import done, refused, run, scored


@pytest.fixture
def visited(tmp_path: Path) -> Path:
    return scored(tmp_path)


def test_an_export_is_json_for_the_person(visited: Path) -> None:
    told = json.loads(done("--data", visited, "export", "mautic/38"))
    assert told["contact_ids"] == ["38"]
    assert told["activities"]
    assert "hidden-password" not in json.dumps(told)


def test_forgetting_asks_first_and_leaves_nothing_to_explain(visited: Path) -> None:
    assert "Aborted" in run("--data", visited, "forget", "mautic/38").output
    told = done("--data", visited, "forget", "mautic/38", "--yes")
    assert told.startswith("Forgotten: mautic/38. ")
    assert "nothing is known of" in refused("--data", visited, "explain", "mautic/38")
    assert "was erased" in refused("--data", visited, "export", "mautic/38")


@pytest.mark.parametrize("command", [("export",), ("forget", "--yes")])
def test_who_is_not_known_is_named(visited: Path, command: tuple[str, ...]) -> None:
    name, *rest = command
    assert 'nothing is known of "mautic/9999"' in refused(
        "--data", visited, name, "mautic/9999", *rest
    )
