"""What sales gets along with a score: the main interest, and the reasons that weigh most."""

from __future__ import annotations

from collections import Counter

from .evaluate import Contribution, Evaluation
from .scorecard import Scorecard


def main_interest(card: Scorecard, evaluation: Evaluation) -> str | None:
    """The interest whose rules give most now; ``None`` if none gives anything.

    Of equal ones the first by name: the answer must not depend on the order of rules.
    """
    labels = {rule.id: rule.interest for rule in card.rules if rule.interest}
    sums: Counter[str] = Counter()
    for given in evaluation.contributions:
        if label := labels.get(given.line.rule):
            sums[label] += given.points
    best = min(sums, key=lambda label: (-sums[label], label), default=None)
    return best if best is not None and sums[best] > 0 else None


def top_reasons(evaluation: Evaluation, most: int = 3) -> tuple[Contribution, ...]:
    """The lines that give most now, at most one of each rule, the greatest first."""
    greatest: dict[str, Contribution] = {}
    for given in sorted(evaluation.contributions, key=_weight):
        if given.points > 0:
            greatest.setdefault(given.line.rule, given)
    return tuple(greatest.values())[:most]


def _weight(given: Contribution) -> tuple[int, float, str]:
    return -given.points, -given.line.began.timestamp(), given.line.rule
