"""Every promise about faults has tests that carry its number: ``test_f01_…``, ``test_s01_…``."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parent
_ROW = re.compile(r"^\| ([FS])(\d+) \|", re.MULTILINE)
_TEST = re.compile(r"^def test_([fs]\d\d)_", re.MULTILINE)


def test_every_promise_of_the_table_has_a_test_with_its_number() -> None:
    table = (TESTS / "PROMISES.md").read_text()
    promised = {f"{letter}{int(number):02}".lower() for letter, number in _ROW.findall(table)}
    proven = {
        number for path in TESTS.rglob("test_*.py") for number in _TEST.findall(path.read_text())
    }
    assert {f"f{number:02}" for number in range(1, 13)} | {"s01", "s02"} <= promised
    assert proven == promised
