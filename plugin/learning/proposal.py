"""What is proposed to a person, and all that speaks for it and against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from .as_of import AsOf
from .candidates import Candidate
from .card import learn_card
from .corrections import learn_corrections
from .differences import Difference, differences
from .indicators import answers
from .leaks import Leak, leaks
from .measures import (
    Figure,
    Told,
    auc,
    average_precision,
    calibration_error,
    gain,
    lift,
    population_shift,
    reliability,
    resamples,
    with_interval,
)
from .model import Card, fitted
from .table import Flags, Floats, Table

#: Contacts won before the last part of time: fewer say nothing; fewer only correct present rules;
#: and fewer never make a probability.
LEAST_WINS, CARD_WINS, CALIBRATED_WINS = 20, 80, 150
#: Over this a score has moved.
DRIFT = 0.2
_RESAMPLES, _STRENGTH = 40, 0.3
_SHARES = (0.02, 0.05, 0.1, 0.2, 0.3)

#: What a person is advised. ``weak`` and ``adopt`` come with rows worth looking at.
Advice = Literal["too_few_wins", "no_better_than_chance", "keep_present_rules", "weak", "adopt"]


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


@dataclass(frozen=True, slots=True)
class Volume:
    """How many of the later contacts stand at ``least`` points or above, and how many were won."""

    least: float
    contacts: int
    won: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """One way to order the later contacts."""

    by: Literal["chance", "recency", "present", "proposal"]
    auc: Figure
    average_precision: Figure
    lift: Figure


@dataclass(frozen=True, slots=True)
class Proposal:
    """``form`` says whether the rows add to the present rules (``corrections``) or replace them.

    ``calibration_error`` is ``None`` and ``reliability`` empty where wins are too few to speak of
    probabilities; ``gain`` is
    the AUC over the present rules; all figures are of the later part of time. ``bands`` are the
    points at which a card lets as many contacts into each band as the present rules do.
    """

    advice: Advice
    form: Literal["none", "corrections", "card"]
    wins: int
    contacts: int
    later_wins: int
    base: float
    rows: tuple[Proposed, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    gain: Figure | None = None
    calibration_error: float | None = None
    reliability: tuple[Told, ...] = ()
    bands: Mapping[str, int] = field(default_factory=dict)
    drift: float | None = None
    volumes: tuple[Volume, ...] = ()
    differences: tuple[Difference, ...] = ()
    leaks: tuple[Leak, ...] = ()


def propose(
    known: AsOf,
    found: Sequence[Candidate],
    horizon_days: float,
    edges: Mapping[str, float],
    allowed: frozenset[str] = frozenset(),
    late: Sequence[Leak] = (),
) -> Proposal:
    """What these contacts teach; ``edges`` are the points at which present bands begin.

    ``allowed`` are rules that look like leaks, or are ``late``, and may be used all the same.
    """
    earlier, later = _parts(known, horizon_days)
    if earlier.table.wins < LEAST_WINS or not 0 < later.table.won.sum() < len(later.table):
        return _too_few(known.table)
    known_too_much = {one.column: one for one in (*leaks(earlier.table), *late)}
    suspicious = tuple(one for name, one in known_too_much.items() if name not in allowed)
    left_out = [one.column for one in suspicious]
    earlier, later = (
        AsOf(one.table.without(left_out), one.present, one.recency) for one in (earlier, later)
    )
    table, test = earlier.table, later.table
    wins, contacts = table.wins, len(np.unique(table.contacts))
    corrects = wins < CARD_WINS
    card = learn_corrections(table, earlier.present) if corrects else learn_card(table)
    score = card.score(test, later.present if corrects else None)
    before = card.score(table, earlier.present if corrects else None)
    over = gain(test.won, score, later.present, test.contacts)
    compared = tuple(_comparisons(later, score))
    likely, sure = card.probability(score), wins >= CALIBRATED_WINS
    return Proposal(
        _advice(compared[-1].auc, over, corrects),
        "corrections" if corrects else "card",
        wins,
        contacts,
        test.wins,
        float(table.won.mean()),
        rows=tuple(_rows(card, earlier, corrects, {one.id: one for one in found})),
        comparisons=compared,
        gain=over,
        bands={} if corrects else _bands(later.present, score, edges),
        calibration_error=calibration_error(test.won, likely) if sure else None,
        reliability=reliability(test.won, likely) if sure else (),
        drift=population_shift(before, score),
        volumes=tuple(_volumes(test.won, score)),
        leaks=suspicious,
    )


def _too_few(table: Table) -> Proposal:
    """The whole time is told, since nothing is proposed that would have to be tested."""
    told = differences(table) if 0 < table.won.sum() < len(table) else ()
    base = float(table.won.mean()) if len(table) else 0.0
    contacts = len(np.unique(table.contacts))
    return Proposal("too_few_wins", "none", table.wins, contacts, 0, base, differences=told)


def _parts(known: AsOf, horizon_days: float) -> tuple[AsOf, AsOf]:
    """The last fifth of the rows in time, and those whose horizon ended before it began."""
    moments = known.table.moments
    if not len(moments):
        return known, known
    cut = np.sort(moments)[int(len(moments) * 0.8)]
    return _take(known, moments + horizon_days <= cut), _take(known, moments >= cut)


def _take(known: AsOf, rows: Flags) -> AsOf:
    return AsOf(known.table.take(rows), known.present[rows], known.recency[rows])


def _advice(reached: Figure, over: Figure, corrects: bool) -> Advice:
    if reached.low <= 0.5:
        return "no_better_than_chance"
    if over.low <= 0:
        return "keep_present_rules"
    return "weak" if corrects else "adopt"


def _comparisons(later: AsOf, score: Floats) -> list[Comparison]:
    test = later.table
    ways = {
        "chance": np.zeros(len(test)),
        "recency": later.recency,
        "present": later.present,
        "proposal": score,
    }
    return [
        Comparison(
            by,  # type: ignore[arg-type]
            *(
                with_interval(measure, test.won, one, test.contacts)
                for measure in (auc, average_precision, lift)
            ),
        )
        for by, one in ways.items()
    ]


def _rows(
    card: Card, earlier: AsOf, corrects: bool, found: Mapping[str, Candidate]
) -> list[Proposed]:
    table = earlier.table
    if not card.rows:
        return []
    matrix = answers(table, [row.indicator for row in card.rows])
    drawn = _points_drawn(card, table, matrix, earlier.present if corrects else None)
    rows = []
    for place, row in enumerate(card.rows):
        gives, candidate = matrix[:, place] > 0, found[row.indicator.column]
        low, high = np.quantile(drawn[:, place], [0.025, 0.975])
        rows.append(
            Proposed(
                id=candidate.id,
                dimension=candidate.dimension,
                rule=candidate.keys,
                points=row.points,
                low=float(low),
                high=float(high),
                stability=float((np.sign(drawn[:, place]) == np.sign(row.points)).mean()),
                support=int(gives.sum()),
                won_with=float(table.won[gives].mean()),
                won_without=float(table.won[~gives].mean()),
            )
        )
    return sorted(rows, key=lambda row: -abs(row.points))


def _points_drawn(card: Card, table: Table, matrix: Floats, present: Floats | None) -> Floats:
    """The points of each row on resampled contacts, in the unit of the card."""
    # The present points come in units of their spread: a ridge holds large numbers less.
    beside = [] if present is None else [(present - present.mean()) / max(float(present.std()), 1)]
    matrix = np.column_stack([matrix, *beside])
    drawn = [
        fitted(matrix[rows], table.won[rows], _STRENGTH).coef_[0][: len(card.rows)]
        for rows in resamples(table.won, table.contacts, _RESAMPLES)
    ]
    points: Floats = np.array(drawn) / card.slope
    return points


def _bands(present: Floats, score: Floats, edges: Mapping[str, float]) -> dict[str, int]:
    ordered, found, last = np.sort(score)[::-1], {}, -(10**6)
    for band, enter in edges.items():
        above = int((present >= enter).sum())
        # At least as many as before: where many have the same points they enter together.
        least = ordered[above - 1] if above else ordered[0] + 1
        last = max(int(np.ceil(least)), last + 1)
        found[band] = last
    return found


def _volumes(won: Flags, score: Floats) -> list[Volume]:
    found: dict[float, Volume] = {}
    for share in _SHARES:
        least = float(np.sort(score)[::-1][max(int(len(score) * share) - 1, 0)])
        above = score >= least
        found[least] = Volume(least, int(above.sum()), float(won[above].mean()))
    return list(found.values())
