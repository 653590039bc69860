"""Ridge logistic regression, and Platt's line from points to probability."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from .indicators import Indicator, answers
from .table import Flags, Floats, Table

#: So weak a penalty that it only keeps the fit finite where a score tells everything.
_HARDLY = 1e6


@dataclass(frozen=True, slots=True)
class Row:
    """Points for whom an indicator holds."""

    indicator: Indicator
    points: int


@dataclass(frozen=True, slots=True)
class Card:
    """Rows, and the line from their sum to the log-odds of being won: slope × sum + intercept.

    Where it corrects present rules, its rows add to what those give. ``strength`` is how tight its
    weights were held (see ``fitted``).
    """

    rows: tuple[Row, ...]
    slope: float
    intercept: float
    strength: float

    def score(self, table: Table, present: Floats | None = None) -> Floats:
        """The points of each row of the table, added to the ``present`` ones if given."""
        matrix = answers(table, [row.indicator for row in self.rows])
        own = matrix @ np.array([row.points for row in self.rows], dtype=np.float64)
        return own if present is None else own + present

    def probability(self, score: Floats) -> Floats:
        """How likely each is to be won within the horizon."""
        likely: Floats = 1 / (1 + np.exp(-(self.slope * score + self.intercept)))
        return likely


def fitted(matrix: Floats, won: Flags, strength: float) -> LogisticRegression:
    """Ridge logistic regression; the penalty shrinks with ``strength`` (scikit-learn's ``C``)."""
    model = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=100)
    return model.fit(matrix, won)


def likely(known: Floats, won: Flags, strength: float, asked: Floats) -> Floats:
    """How likely the asked rows win, by what the known ones came to."""
    if not known.shape[1]:
        return np.full(len(asked), won.mean())
    found: Floats = fitted(known, won, strength).predict_proba(asked)[:, 1]
    return found


def platt(score: Floats, won: Flags) -> tuple[float, float]:
    """Slope and intercept of the line from a score to the log-odds."""
    middle, spread = float(score.mean()), max(float(score.std()), 1e-9)
    model = fitted(((score - middle) / spread)[:, None], won, _HARDLY)
    slope = float(model.coef_[0, 0]) / spread
    return slope, float(model.intercept_[0]) - slope * middle
