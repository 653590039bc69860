"""What is wrong with a scorecard's text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake: its line (from 1), which part of the scorecard it is in, what to write."""

    line: int
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.line}: {self.where}: {self.message}"


class ScorecardError(Exception):
    """A text that is no scorecard, with every problem found; its message has one on each line."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(f"{name}:{problem}" for problem in self.problems))
