"""The score at a moment: every contribution, and every cap as an amount of its own.

``sum(contributions) + sum(adjustments) == score``, exactly, at every moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Literal, TypeAlias

from .decay import decayed, round_half_up
from .lines import Line
from .scorecard import MICRO, Bounds, Scorecard

Scope: TypeAlias = Literal["group", "dimension", "score"]
Cause: TypeAlias = Literal["cap", "floor", "weight"]


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one line gives at the moment, in micro-points."""

    line: Line
    points: int


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What a cap, a floor or a weight adds (micro-points); ``id`` of the group or dimension."""

    scope: Scope
    id: str
    cause: Cause
    points: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The score at ``at`` and all it is made of, in micro-points.

    ``groups`` and ``dimensions`` are within their bounds; the weight of a dimension is applied
    after that and shows as an adjustment.
    """

    at: datetime
    contributions: tuple[Contribution, ...]
    adjustments: tuple[Adjustment, ...]
    groups: Mapping[str, int]
    dimensions: Mapping[str, int]
    score: int
    grade: str


def evaluate(card: Scorecard, lines: Iterable[Line], at: datetime) -> Evaluation:
    """What the lines of this scorecard are worth at ``at``; lines of other moments are left out."""
    adjustments: list[Adjustment] = []
    contributions, sums = _contributions(lines, at)
    groups = {
        group.id: _bounded("group", group.id, sums[group.id], group.bounds, adjustments)
        for group in card.groups.values()
    }
    dimensions, score = {}, 0
    for dimension in card.dimensions.values():
        members = [group for group in card.groups.values() if group.dimension == dimension.id]
        total = sum(groups[group.id] for group in members)
        value = _bounded("dimension", dimension.id, total, dimension.bounds, adjustments)
        dimensions[dimension.id] = value
        weighted = value if dimension.weight == 1 else round_half_up(value * dimension.weight)
        if weighted != value:
            adjustments.append(Adjustment("dimension", dimension.id, "weight", weighted - value))
        score += weighted
    score = _bounded("score", "score", score, card.bounds, adjustments)
    grade = _grade(card, dimensions.get("fit", 0))
    return Evaluation(at, contributions, tuple(adjustments), groups, dimensions, score, grade)


def whole_points(micro: int) -> int:
    """Micro-points as the whole points that are written to the platform, halves rounded up."""
    return round_half_up(Fraction(micro, MICRO))


def _contributions(
    lines: Iterable[Line], at: datetime
) -> tuple[tuple[Contribution, ...], dict[str, int]]:
    contributions: list[Contribution] = []
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.valid_from <= at and (line.valid_to is None or at < line.valid_to):
            points = decayed(line.points, line.decay, at - line.valid_from)
            sums[line.group] += points
            contributions.append(Contribution(line, points))
    return tuple(contributions), sums


def _bounded(
    scope: Scope, id: str, value: int, bounds: Bounds, adjustments: list[Adjustment]
) -> int:
    clamped = bounds.clamp(value)
    if clamped != value:
        cause: Cause = "cap" if clamped < value else "floor"
        adjustments.append(Adjustment(scope, id, cause, clamped - value))
    return clamped


def _grade(card: Scorecard, fit: int) -> str:
    for letter, least in card.grades.items():
        if fit >= least:
            return letter
    return card.lowest_grade
