"""The score at a moment: every contribution, and every cap as an amount of its own.

``sum(contributions) + sum(adjustments) == score``, exactly, at every moment.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from .decay import decayed, round_half_up
from .lines import Folding, Line
from .scorecard import MICRO, ONE, Bounds, Scorecard

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
    groups, dimensions, score = totals(card, sums, adjustments)
    grade = grade_of(card, dimensions)
    return Evaluation(at, contributions, tuple(adjustments), groups, dimensions, score, grade)


@dataclass(frozen=True, slots=True)
class Standing:
    """A score without its reasons, in micro-points; the same as ``evaluate`` says."""

    dimensions: Mapping[str, int]
    score: int
    grade: str


def standing(card: Scorecard, folding: Folding, at: datetime) -> Standing:
    """What a folding is worth at ``at``, without making its lines: a fraction of their cost."""
    _, dimensions, score = totals(card, _sums(folding, at), [])
    return Standing(dimensions, score, grade_of(card, dimensions))


def totals(
    card: Scorecard, sums: Mapping[str, int], adjustments: list[Adjustment]
) -> tuple[dict[str, int], dict[str, int], int]:
    """Groups, dimensions and score from the sums of the groups; notes what was cut or weighted.

    A greater sum never makes any of them smaller.
    """
    groups: dict[str, int] = {}
    dimensions = dict.fromkeys(card.dimensions, 0)
    for group in card.groups.values():
        total = _bounded("group", group.id, sums.get(group.id, 0), group.bounds, adjustments)
        groups[group.id] = total
        dimensions[group.dimension] += total
    return groups, dimensions, weigh(card, dimensions, adjustments)


def weigh(card: Scorecard, dimensions: dict[str, int], adjustments: list[Adjustment]) -> int:
    """The score from the sums of the dimensions, which are brought within their bounds."""
    score = 0
    for dimension in card.dimensions.values():
        total = dimensions[dimension.id]
        value = _bounded("dimension", dimension.id, total, dimension.bounds, adjustments)
        dimensions[dimension.id] = value
        weighted = value if dimension.weight is ONE else round_half_up(value * dimension.weight)
        if weighted != value:
            adjustments.append(Adjustment("dimension", dimension.id, "weight", weighted - value))
        score += weighted
    return _bounded("score", "score", score, card.bounds, adjustments)


def grade_of(card: Scorecard, dimensions: Mapping[str, int]) -> str:
    """The letter of the fit."""
    fit = dimensions.get("fit", 0)
    return next(
        (letter for letter, least in card.grades.items() if fit >= least), card.lowest_grade
    )


def grade_span(card: Scorecard, fit: int) -> tuple[int | None, int | None]:
    """The fits with the same letter as this one: from the first, and below the second."""
    high: int | None = None
    for least in card.grades.values():
        if fit >= least:
            return least, high
        high = least if high is None else min(high, least)
    return None, high


def written_span(held: int, tolerance: int) -> tuple[int, int]:
    """The micro-points whose whole points are near those held: from the first, below the second."""
    near = tolerance // MICRO
    return (held - near) * MICRO - MICRO // 2, (held + near + 1) * MICRO - MICRO // 2


def whole_points(micro: int) -> int:
    """Micro-points as the whole points that are written to the platform, halves rounded up."""
    return (2 * micro + MICRO) // (2 * MICRO)


def _contributions(
    lines: Iterable[Line], at: datetime
) -> tuple[tuple[Contribution, ...], dict[str, int]]:
    contributions: list[Contribution] = []
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.valid_from <= at and (line.valid_to is None or at < line.valid_to):
            points = decayed(line.points, line.decay, at - line.began)
            sums[line.group] += points
            contributions.append(Contribution(line, points))
    return tuple(contributions), sums


def _sums(folding: Folding, at: datetime) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for line in folding.held:
        if line.valid_from <= at and (line.valid_to is None or at < line.valid_to):
            sums[line.group] += decayed(line.points, line.decay, at - line.began)
    for rule, _, left in folding.worth(at):
        sums[rule.group] += left
    return sums


def _bounded(
    scope: Scope, id: str, value: int, bounds: Bounds, adjustments: list[Adjustment]
) -> int:
    clamped = bounds.clamp(value)
    if clamped != value:
        cause: Cause = "cap" if clamped < value else "floor"
        adjustments.append(Adjustment(scope, id, cause, clamped - value))
    return clamped
