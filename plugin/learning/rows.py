"""The rows of a card as a person decides on them: each with how sure it is and whom it concerns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .as_of import AsOf
from .candidates import Candidate
from .card import card_weights
from .corrections import correcting_weights
from .indicators import answers
from .learned import Learned
from .measures import resamples
from .table import Flags, Floats

_RESAMPLES = 40


@dataclass(frozen=True, slots=True)
class Proposed:
    """One rule with the points proposed: between ``low`` and ``high`` 19 times out of 20.

    ``support`` is how many contacts and days it gave something to; ``won_with`` and
    ``won_without`` the shares won. ``stability`` is how often resamples agree with the sign.
    """

    id: str
    dimension: str
    rule: Mapping[str, Any]
    points: int
    low: float
    high: float
    stability: float
    support: int
    won_with: float
    won_without: float


def proposed_rows(
    learned: Learned, earlier: AsOf, found: Mapping[str, Candidate]
) -> tuple[Proposed, ...]:
    """The rows of what was learned from ``earlier``, those of most points first."""
    rows = learned.card.rows
    if not rows:
        return ()
    matrix = answers(earlier.table, [row.indicator for row in rows])
    drawn, won = _points_drawn(learned, earlier, matrix), earlier.table.won
    told = [
        _row(found[row.indicator.column], row.points, drawn[:, place], matrix[:, place] > 0, won)
        for place, row in enumerate(rows)
    ]
    return tuple(sorted(told, key=lambda row: -abs(row.points)))


def _row(candidate: Candidate, points: int, drawn: Floats, gives: Flags, won: Flags) -> Proposed:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Proposed(
        id=candidate.id,
        dimension=candidate.dimension,
        rule=candidate.keys,
        points=points,
        low=float(low),
        high=float(high),
        stability=float((np.sign(drawn) == np.sign(points)).mean()),
        support=int(gives.sum()),
        won_with=float(won[gives].mean()),
        won_without=float(won[~gives].mean()),
    )


def _points_drawn(learned: Learned, earlier: AsOf, matrix: Floats) -> Floats:
    """The points of each row on resampled contacts: they move as far as the same fit's weights."""

    def weights(rows: slice | np.ndarray[Any, np.dtype[np.int64]]) -> Floats:
        if learned.corrects:
            return correcting_weights(matrix[rows], won[rows], earlier.present[rows])[0]
        return card_weights(matrix[rows], won[rows], card.strength)

    card, won, contacts = learned.card, earlier.table.won, earlier.table.contacts
    points = np.array([row.points for row in card.rows], dtype=np.float64)
    known = weights(slice(None))
    moved = np.array([weights(rows) - known for rows in resamples(won, contacts, _RESAMPLES)])
    drawn: Floats = points + moved * (points @ known / (known @ known))
    return drawn
