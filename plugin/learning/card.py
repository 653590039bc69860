"""A card from many wins: at most twenty rows of whole points.

Rows are chosen one by one, each time the one that tells most beside those chosen before (Rao's
score test), so that of many that say the same only one stays. Then ridge logistic regression,
whole points that are polished one step at a time, and Platt's line.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import log_loss
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from .indicators import answers, families, indicators
from .model import Card, Row, fitted, likely, platt
from .table import Flags, Floats, Table

MOST_ROWS = 20
MOST_POINTS = 30
#: Wins that stand behind one row at least.
_WINS_A_ROW = 5
#: Ridge strengths tried, and the rows on which they are tried.
_STRENGTHS = (0.03, 0.3, 3.0)
_TRIAL_ROWS = 8_000
_FOLDS = 3
#: A row that tells less is taken for chance: one useless row in twenty would pass.
_TELLING = 3.84
_ROUNDS = 5


def learn_card(table: Table, most_points: int = MOST_POINTS) -> Card:
    """The card for this table; the same for the same table. Has no rows if nothing tells."""
    # Tall and narrow matrices: more threads only wait for each other (8 × the CPU time).
    with threadpool_limits(1):
        asked = indicators(table)
        matrix, won, kin = answers(table, asked), table.won, families(table, asked)
        most = min(MOST_ROWS, table.wins // _WINS_A_ROW)
        strength = _best_strength(matrix, won, table.contacts, kin, most)
        chosen = _choose(matrix, won, kin, most, strength)
        telling = matrix[:, chosen]
        points = _whole_points(telling, won, strength, most_points)
        points, slope, intercept = _polished(telling, won, points, most_points)
    kept = zip(chosen, points.astype(int).tolist(), strict=True)
    rows = tuple(Row(asked[place], one) for place, one in kept if one)
    return Card(rows, slope, intercept, strength)


def card_weights(matrix: Floats, won: Flags, strength: float) -> Floats:
    """The weight of each column, held as tight as ``strength`` says."""
    weights: Floats = fitted(matrix, won, strength).coef_[0]
    return weights


def _best_strength(
    matrix: Floats,
    won: Flags,
    contacts: NDArray[np.int64],
    kin: NDArray[np.int64],
    most: int,
) -> float:
    """By cross-validation in which no contact stands on both sides."""
    tried = np.arange(0, len(won), max(1, len(won) // _TRIAL_ROWS))
    matrix, won, contacts = matrix[tried], won[tried], contacts[tried]
    sides = len(np.unique(contacts[won])), len(np.unique(contacts[~won]))
    if min(sides) < _FOLDS * _WINS_A_ROW:
        return _STRENGTHS[0]
    losses = [_loss(matrix, won, contacts, kin, most, one) for one in _STRENGTHS]
    return _STRENGTHS[int(np.argmin(losses))]


def _loss(
    matrix: Floats,
    won: Flags,
    contacts: NDArray[np.int64],
    kin: NDArray[np.int64],
    most: int,
    strength: float,
) -> float:
    predicted = np.zeros(len(won))
    for known, hidden in GroupKFold(_FOLDS).split(matrix, won, contacts):
        chosen = _choose(matrix[known], won[known], kin, most, strength)
        seen, asked = matrix[known][:, chosen], matrix[hidden][:, chosen]
        predicted[hidden] = likely(seen, won[known], strength, asked)
    return float(log_loss(won, predicted, labels=[False, True]))


def _choose(
    matrix: Floats, won: Flags, kin: NDArray[np.int64], most: int, strength: float
) -> list[int]:
    """The most telling columns, the first chosen first; of those that are kin only one."""
    chosen: list[int] = []
    for _ in range(min(most, matrix.shape[1])):
        known = matrix[:, chosen]
        telling = _telling(matrix, known, won, likely(known, won, strength, known), strength)
        telling[np.isin(kin, kin[chosen])] = 0.0
        best = int(telling.argmax())
        if telling[best] < _TELLING:
            break
        chosen.append(best)
    return chosen


def _telling(matrix: Floats, known: Floats, won: Flags, chance: Floats, strength: float) -> Floats:
    """Rao's score statistic of each column beside the known ones."""
    weight = chance * (1 - chance)
    slope = matrix.T @ (won - chance)
    inside = np.column_stack([np.ones(len(won)), known])
    weighed = inside * weight[:, None]
    own = inside.T @ weighed + 1e-6 * np.eye(inside.shape[1])
    shared = weighed.T @ matrix
    own_information = np.einsum("i,ij,ij->j", weight, matrix, matrix)
    information = own_information - (shared * np.linalg.solve(own, shared)).sum(axis=0)
    statistic: Floats = slope**2 / (np.maximum(information, 0.0) + 1 / strength)
    return statistic


def _whole_points(telling: Floats, won: Flags, strength: float, most_points: int) -> Floats:
    if not telling.shape[1]:
        return np.zeros(0)
    weights = card_weights(telling, won, strength)
    points: Floats = np.round(weights / np.abs(weights).max() * most_points)
    return points


def _polished(
    telling: Floats, won: Flags, points: Floats, most_points: int
) -> tuple[Floats, float, float]:
    """Move single points while that makes what happened likelier."""
    score = telling @ points
    slope, intercept = platt(score, won)
    for _ in range(_ROUNDS):
        before = points.copy()
        for place in range(len(points)):
            step = _better_step(score, telling[:, place], won, slope, intercept)
            if abs(points[place] + step) <= most_points:
                points[place] += step
                score = score + step * telling[:, place]
        slope, intercept = platt(score, won)
        if (points == before).all():
            break
    return points, slope, intercept


def _better_step(score: Floats, column: Floats, won: Flags, slope: float, intercept: float) -> int:
    steps = (0, 1, -1)
    costs = [_cost(score + step * column, won, slope, intercept) for step in steps]
    return steps[int(np.argmin(costs))]


def _cost(score: Floats, won: Flags, slope: float, intercept: float) -> float:
    odds = slope * score + intercept
    return float(np.logaddexp(0.0, odds).sum() - odds[won].sum())
