"""Every promise about faults has tests that carry its number: ``test_f01_…``, ``test_s01_…``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.torture import PROPERTY, summary

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


def test_the_table_tells_what_each_test_did_and_saw() -> None:
    told = {"kills": 3, "activities": 1210, "lost": 0}
    report = pytest.TestReport(
        "a.py::test_f02_a_worker_dies", ("a.py", 1, ""), {}, "passed", None, "call"
    )
    report.user_properties, report.duration = [(PROPERTY, told)], 2.04
    titles, line = summary([report])
    assert titles.split()[:4] == ["promise", "kills", "activities", "lost"]
    assert line.split() == ["F02", "a", "worker", "dies", "3", "1,210", "0", "2.0"]
    assert summary([]) == []
