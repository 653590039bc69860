"""What an order of later contacts is worth beside others, and what a person is advised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .as_of import AsOf
from .learned import Learned, learn_from
from .measures import Figure, auc, average_precision, gain, lift, with_interval
from .table import Floats

#: What a person is advised. ``weak`` and ``adopt`` come with rows worth looking at.
Advice = Literal["too_few_wins", "no_better_than_chance", "keep_present_rules", "weak", "adopt"]
_By = Literal["chance", "recency", "present", "proposal"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One way to order the later contacts."""

    by: _By
    auc: Figure
    average_precision: Figure
    lift: Figure


@dataclass(frozen=True, slots=True)
class Cost:
    """The AUC on later contacts with protected fields and without, and what they bring."""

    used: Figure
    left_out: Figure
    gain: Figure


def comparisons(later: AsOf, score: Floats) -> tuple[Comparison, ...]:
    """Chance, recency, the present rules and the proposal, on the same contacts."""
    ways: dict[_By, Floats] = {
        "chance": np.zeros(len(later.table)),
        "recency": later.recency,
        "present": later.present,
        "proposal": score,
    }
    return tuple(_comparison(by, later, one) for by, one in ways.items())


def advice(compared: Sequence[Comparison], over: Figure, corrects: bool) -> Advice:
    """What to do with a proposal, the last of those compared; ``over`` is its gain."""
    if compared[-1].auc.low <= 0.5:
        return "no_better_than_chance"
    if over.low <= 0:
        return "keep_present_rules"
    return "weak" if corrects else "adopt"


def cost(protected: Sequence[str], learned: Learned, earlier: AsOf, later: AsOf) -> Cost | None:
    """What would be lost without the rules of protected fields, if there are some."""
    if not protected:
        return None
    used, test = learned.score(later), later.table
    left_out = learn_from(earlier.without(protected)).score(later)
    with_them, without = (
        with_interval(auc, test.won, one, test.contacts) for one in (used, left_out)
    )
    return Cost(with_them, without, gain(test.won, used, left_out, test.contacts))


def _comparison(by: _By, later: AsOf, score: Floats) -> Comparison:
    test = later.table
    return Comparison(
        by,
        *(
            with_interval(measure, test.won, score, test.contacts)
            for measure in (auc, average_precision, lift)
        ),
    )
