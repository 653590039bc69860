"""How long the tests of promises try, and what they saw: the table at the end of `make torture`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Protocol

import pytest

LONG = bool(os.environ.get("MATURO_TORTURE"))
#: For a variant that adds seconds and little else to the others of its test.
long_form = pytest.mark.skipif(not LONG, reason="a long form: make torture runs it")
PROPERTY = "promise"
_COLUMNS = ("kills", "activities", "lost", "doubled", "out of order", "taken over")
_WRONG = ("lost", "doubled", "out of order")


def repeated(short: int, long: int) -> int:
    """So many times: ``short`` in every suite, ``long`` in `make torture`."""
    return long if LONG else short


class Account(Protocol):
    """Told by a test what it did and saw; refuses anything lost, doubled or out of order.

    ``taken_over`` is the longest time in seconds until others had done what a killed one held.
    """

    def __call__(
        self,
        *,
        kills: int = 0,
        activities: int = 0,
        lost: int | None = None,
        doubled: int | None = None,
        out_of_order: int | None = None,
        taken_over: float | None = None,
    ) -> None: ...


def account_of(request: pytest.FixtureRequest) -> Account:
    """The account of the test that asks for it."""

    def account(**seen: float | None) -> None:
        row = {name.replace("_", " "): count for name, count in seen.items()}
        request.node.user_properties.append((PROPERTY, row))
        wrong = {name: row[name] for name in _WRONG if row.get(name)}
        assert not wrong, f"{wrong} of {row.get('activities')} activities"

    return account


def summary(reports: Iterable[pytest.TestReport]) -> list[str]:
    """The lines of the table, empty when no test had anything to tell."""
    rows = sorted(
        [*_named(report), *(_shown(told.get(name)) for name in _COLUMNS), f"{report.duration:.1f}"]
        for report in reports
        for name, told in report.user_properties
        if name == PROPERTY and isinstance(told, Mapping)
    )
    return [_line(row) for row in (["", "promise", *_COLUMNS, "seconds"], *rows)] if rows else []


def _named(report: pytest.TestReport) -> tuple[str, str]:
    """The number of the promise and the sentence."""
    number, _, sentence = report.nodeid.rpartition("::test_")[2].partition("_")
    return number.upper(), sentence.replace("_", " ")


def _shown(count: object) -> str:
    match count:
        case int():
            return f"{count:,}"
        case float():
            return f"{count:.1f} s"
        case _:
            return ""


def _line(row: list[str]) -> str:
    number, sentence, *counts = row
    return f"{number:4} {sentence[:76]:76}" + "".join(f"{count:>13}" for count in counts)
