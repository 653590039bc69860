"""docs/connectors.md followed to the letter: from the template to a connector that is installed."""

from __future__ import annotations

import re
import sys
import zipfile
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from connectors import registry
from connectors.conformance import Example, checks, record
from plugin.manifest import load_manifest

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / "docs" / f"connectors{language}.md" for language in ("", ".fr")]
_BLOCK = r"(?s)(?:`([\w./]+)`:\n\n)?```(?:json|python)\n(.*?)```"


def blocks(page: Path) -> list[tuple[str, str]]:
    """Each block of code and the file it belongs to: that named last before it."""
    found, file = [], ""
    for named, code in re.findall(_BLOCK, page.read_text()):
        file = named or file
        found.append((file, code))
    return found


def follow(folder: Path) -> None:
    """Put every block of the page where it says."""
    for file, code in blocks(PAGES[0]):
        path = folder / file
        path.parent.mkdir(exist_ok=True)
        path.write_text(put(path.read_text() if path.exists() else "", code))


def put(text: str, code: str) -> str:
    if function := re.match(r" *def \w+\(", code):
        return _replaced(text, function[0], code)
    if code.startswith('"events"'):
        return re.sub(r'"events": \{\},\n', lambda _: code, text)
    if code.startswith("import"):
        return text.replace("from pathlib", f"{code}from pathlib", 1)
    return code


def _replaced(text: str, beginning: str, code: str) -> str:
    """The text with the function that begins so replaced by the code."""
    lines = text.splitlines(keepends=True)
    [start] = [number for number, line in enumerate(lines) if line.startswith(beginning)]
    deeper = len(beginning) - len(beginning.lstrip()) + 1
    inside = [not line.strip() or line.startswith(" " * deeper) for line in lines[start + 1 :]]
    end = start + 1 + (inside.index(False) if False in inside else len(inside))
    while not lines[end - 1].strip():
        end -= 1
    return "".join([*lines[:start], code, *lines[end:]])


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """What ``make connector NAME=acme`` makes."""
    monkeypatch.syspath_prepend(ROOT / "template")
    folder: Path = import_module("copy_template").copy("acme", tmp_path)
    monkeypatch.syspath_prepend(folder / "tests")
    monkeypatch.syspath_prepend(folder)
    before = set(sys.modules)
    yield folder
    for name in set(sys.modules) - before:
        if "acme" in name:
            del sys.modules[name]
    registry.load.cache_clear()


def example() -> Example:
    found: Example = import_module("example_of_acme").EXAMPLE
    return found


def failures(example: Example) -> dict[str, str]:
    found = {}
    for check in checks(example):
        try:
            check()
        except AssertionError as error:
            found[str(check)] = str(error)
    return found


def test_the_template_says_what_is_missing(made: Path) -> None:
    found = failures(example())
    assert "nothing is recorded yet" in found.pop("every_delivery_says_what_was_recorded")
    assert "put one there for each kind of event" in found.pop("every_item_is_sound")
    assert found.pop("an_unknown_event_is_counted").startswith("an unknown event is counted in")
    assert found.pop("a_true_delivery_is_accepted").startswith("a true delivery is refused")
    assert "not written yet" in found.pop("the_probe_accepts_the_example")
    assert "not written yet" in found.pop("applied_twice_is_applied_once")
    assert set(found) == {
        *("a_delivery_read_twice_is_the_same", "a_hostile_body_breaks_nothing"),
        *("a_secret_can_be_changed", "refused_credentials_are_told", "what_passes_is_tried_again"),
        "every_command_has_its_outcome",
    }


def test_followed_to_the_letter_it_passes_every_check_and_is_found(made: Path) -> None:
    follow(made)
    record(example())
    assert failures(example()) == {}
    told = (made / "tests" / "recorded.json").read_text()
    assert '"kind": "page_viewed"' in told
    assert '"email": "ada@example.org"' in told


def test_a_separate_distribution_is_found_by_its_entry_point(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(made)
    [wheel] = WheelBuilder(str(made)).build(directory=str(tmp_path), versions=["standard"])
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    sys.path.remove(str(made))
    monkeypatch.syspath_prepend(site)
    assert metadata.distribution("maturo-acme").version == "0.1.0"
    found = load_manifest().connector("acme")
    assert found.id == "acme"
    assert registry.strings(found, "fr")["settings"]["base_url"]["name"] == "Adresse"
    assert Path(import_module("maturo_acme").__file__ or "").is_relative_to(site)


@pytest.mark.parametrize("name", ["", "Acme", "../x", "newtool"])
def test_a_name_that_is_none_is_refused(made: Path, name: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="expected a name of a-z and 0-9"):
        import_module("copy_template").copy(name, tmp_path)


def test_what_is_there_is_not_written_over(made: Path, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="is there already"):
        import_module("copy_template").copy("acme", tmp_path)


def test_both_languages_show_the_same_code() -> None:
    assert blocks(PAGES[0]) == blocks(PAGES[1])
    assert len(blocks(PAGES[0])) == 8
