"""What a score is worth, on contacts it was not learned from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .table import Flags, Floats

_BINS = 10
_RESAMPLES = 200
_SEED = 20260101


@dataclass(frozen=True, slots=True)
class Figure:
    """A value and the interval in which it lies 19 times out of 20, by resampling contacts."""

    value: float
    low: float
    high: float


def auc(won: Flags, score: Floats) -> float:
    """How often a winner stands above somebody else: 0.5 is chance, or all are alike."""
    wins, others = int(won.sum()), int((~won).sum())
    if not wins or not others:
        return 0.5
    # By ranks: scikit-learn's takes twenty times as long, and intervals ask hundreds of times.
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2
    return float((rank[place][won].sum() - wins * (wins + 1) / 2) / (wins * others))


def average_precision(won: Flags, score: Floats) -> float:
    """The share of winners above each winner, on average; chance is the base rate."""
    # As with the AUC: scikit-learn checks its input longer than it counts.
    _, place, count = np.unique(-score, return_inverse=True, return_counts=True)
    hits = np.bincount(place, weights=won)
    return float((hits * hits.cumsum() / count.cumsum()).sum() / max(hits.sum(), 1))


def lift(won: Flags, score: Floats, share: float = 0.1) -> float:
    """Win rate of the best ``share`` by the whole's; ties count by their share of the place."""
    if not won.any():
        return 0.0
    places = max(1, int(len(won) * share))
    edge = np.sort(score)[::-1][places - 1]
    above, tied = score > edge, score == edge
    hits = won[above].sum() + won[tied].mean() * (places - above.sum())
    return float(hits / places / won.mean())


def calibration_error(won: Flags, probability: Floats) -> float:
    """Mean distance of what was said from what happened, over ten parts of equal size."""
    gaps = [one.contacts * abs(one.won - one.said) for one in reliability(won, probability)]
    return float(sum(gaps) / len(won))


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of a tenth of the rows, and what came of it: shares won."""

    said: float
    won: float
    contacts: int


def reliability(won: Flags, probability: Floats) -> tuple[Told, ...]:
    """What was said beside what happened, over ten parts of equal size, the least likely first."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, _BINS) if len(part)]
    return tuple(
        Told(float(probability[part].mean()), float(won[part].mean()), len(part)) for part in parts
    )


def with_interval(
    measure: Callable[[Flags, Floats], float],
    won: Flags,
    score: Floats,
    contacts: NDArray[np.int64],
) -> Figure:
    """A measure with its interval."""
    drawn = [measure(won[rows], score[rows]) for rows in resamples(won, contacts)]
    return Figure(measure(won, score), *_middle(drawn))


def gain(won: Flags, score: Floats, instead_of: Floats, contacts: NDArray[np.int64]) -> Figure:
    """By how much the AUC of one score exceeds another's on the same contacts."""
    drawn = [
        auc(won[rows], score[rows]) - auc(won[rows], instead_of[rows])
        for rows in resamples(won, contacts)
    ]
    return Figure(auc(won, score) - auc(won, instead_of), *_middle(drawn))


def resamples(
    won: Flags, contacts: NDArray[np.int64], times: int = _RESAMPLES
) -> Iterator[NDArray[np.int64]]:
    """Contacts are drawn, not rows: rows of one contact say the same thing twice."""
    chance = np.random.default_rng(_SEED)
    order = np.argsort(contacts, kind="stable")
    _, starts = np.unique(contacts[order], return_index=True)
    counts = np.diff(np.append(starts, len(order)))
    for _ in range(times):
        picked = chance.integers(0, len(starts), len(starts))
        size = counts[picked]
        # Each contact's rows stand together in ``order``, from its start on.
        rows = order[np.arange(size.sum()) + np.repeat(starts[picked] - size.cumsum() + size, size)]
        if 0 < won[rows].sum() < len(rows):
            yield rows


def _middle(drawn: list[float]) -> tuple[float, float]:
    if not drawn:
        return float("nan"), float("nan")
    low, high = np.quantile(drawn, [0.025, 0.975])
    return float(low), float(high)


def thresholds(won: Flags, score: Floats, precisions: tuple[float, ...]) -> Mapping[float, float]:
    """For each precision the lowest score from which on at least that share was won, if any."""
    order = np.argsort(-score, kind="stable")
    share = np.cumsum(won[order]) / np.arange(1, len(won) + 1)
    # Only where the score changes: contacts of one score cannot be told apart.
    last = np.append(score[order][1:] != score[order][:-1], True)
    return {
        wanted: float(score[order][reached[-1]])
        for wanted in precisions
        if len(reached := np.nonzero(last & (share >= wanted))[0])
    }
