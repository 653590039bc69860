from __future__ import annotations

from pathlib import Path

import pytest
from command_kit import done, refused

from plugin.scoring.loading import load

SHIPPED = Path(__file__).parents[3] / "plugin" / "scorecards"


def written(folder: Path, text: str) -> Path:
    path = folder / "card.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["minimal.yaml", "demo.yaml"])
def test_a_shipped_scorecard_has_no_mistake(name: str) -> None:
    card = load((SHIPPED / name).read_text(encoding="utf-8"), name)
    told = done("scorecard", "validate", SHIPPED / name)
    assert told == (f"{name}: {len(card.rules)} rules in {len(card.groups)} groups, no mistake\n")


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, "name: X\ngroups:\n  - id: a\n    dimension: fitt\n")
    assert refused("scorecard", "validate", path).splitlines() == [
        "card.yaml:1: scorecard: bands is missing",
        'card.yaml:4: group "a": dimension "fitt" is not known; allowed: fit, engagement',
    ]


def test_text_that_is_not_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    words = refused("scorecard", "validate", written(tmp_path, "name: X\ngroups: [\n"))
    assert words.startswith("card.yaml:3: text: is not YAML: ")


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_bytes(b"name: \xff\n")
    said = "card.yaml: byte 6 is not UTF-8; save the file as UTF-8"
    assert refused("scorecard", "validate", path) == said


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    words = refused("scorecard", "validate", tmp_path / "nope.yaml", code=2)
    assert words == f"Invalid value for 'FILE': File '{tmp_path}/nope.yaml' does not exist."


def test_what_is_published_is_in_force_and_exported_to_the_letter(tmp_path: Path) -> None:
    data = tmp_path / "data"
    told = done("--data", data, "scorecard", "publish", SHIPPED / "demo.yaml")
    assert told == "demo.yaml is in force as version 2\n"
    assert done("--data", data, "scorecard", "export") == (SHIPPED / "demo.yaml").read_text()


def test_a_mistaken_scorecard_is_not_published(tmp_path: Path) -> None:
    data = tmp_path / "data"
    done("--data", data, "scorecard", "publish", SHIPPED / "minimal.yaml")
    assert "card.yaml:1: " in refused(
        "--data", data, "scorecard", "publish", written(tmp_path, "name: X\n")
    )
    assert done("--data", data, "scorecard", "export") == (SHIPPED / "minimal.yaml").read_text()
