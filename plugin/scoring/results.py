"""Whether a scorecard is right: what became of contacts, beside what their score said before.

A contact is judged by its outcome (won or lost), and by what sales said of it. What counts is the
standing just before: afterwards everybody knows better, and the score may as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from .evaluate import evaluate, whole_points
from .lines import Line
from .outcomes import Outcome
from .past import bands_reached
from .scorecard import Scorecard
from .shares import between
from .verdicts import Verdict

_INSTANT = timedelta(microseconds=1)
#: Fewer contacts say nothing of a rule.
_ENOUGH = 10

#: What is wrong with a rule: it never gave anybody points, or whom it lifts is won less often.
Fault: TypeAlias = Literal["dead", "harmful"]


@dataclass(frozen=True, slots=True)
class Judged:
    """A contact of whom something was said: how it stood before, and what it was.

    ``peak`` is the best score before (whole points), ``tier`` the band that its engagement alone
    would reach, ``good`` whether it was won, or accepted by sales.
    """

    band: str
    grade: str
    tier: str
    peak: int
    rules: frozenset[str]
    good: bool


def by_outcome(card: Scorecard, lines: Sequence[Line], outcome: Outcome) -> Judged:
    """How a contact stood before its outcome; its band is the best that it had ever reached."""
    band = bands_reached(card, lines, outcome.at)[-1]
    return _judged(card, lines, outcome.at, band, outcome.result == "won")


def by_verdict(card: Scorecard, lines: Sequence[Line], said: Verdict, band: str) -> Judged:
    """How a contact stood when sales spoke of it; ``band`` is the one that it was in."""
    return _judged(card, lines, said.at, band, said.word == "accepted")


def _judged(card: Scorecard, lines: Sequence[Line], at: datetime, band: str, good: bool) -> Judged:
    before = evaluate(card, lines, at - _INSTANT)
    engagement = before.dimensions.get("engagement", 0)
    reached = [one.id for one in card.bands if one.enter is None or engagement >= one.enter]
    rules = frozenset(line.rule for line in lines if line.valid_from < at)
    return Judged(band, before.grade, reached[-1], _peak(card, lines, at), rules, good)


def _peak(card: Scorecard, lines: Sequence[Line], at: datetime) -> int:
    """Scores rise only when something begins or ends."""
    moments = {line.valid_from for line in lines} | {line.valid_to for line in lines}
    before = [moment for moment in moments if moment is not None and moment < at]
    scores = (evaluate(card, lines, moment).score for moment in [*before, at - _INSTANT])
    return whole_points(max(scores))


@dataclass(slots=True)
class Share:
    """How many contacts, and how many of them were good."""

    count: int = 0
    good: int = 0

    def add(self, good: bool) -> None:
        """One contact more."""
        self.count += 1
        self.good += good

    @property
    def precision(self) -> float | None:
        """The share of the good; ``None`` of nobody."""
        return self.good / self.count if self.count else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Between which the true share surely lies."""
        return between(self.good, self.count) if self.count else None

    def surely_below(self, other: Share) -> bool:
        """Whether the bounds do not meet: more than chance."""
        own, theirs = self.bounds, other.bounds
        return own is not None and theirs is not None and own[1] < theirs[0]


@dataclass(slots=True)
class Tally:
    """Judged contacts counted: all, by band, by grade and tier, by rule; and their best scores."""

    all: Share = field(default_factory=Share)
    bands: dict[str, Share] = field(default_factory=dict)
    matrix: dict[tuple[str, str], Share] = field(default_factory=dict)
    rules: dict[str, Share] = field(default_factory=dict)
    peaks: Counter[tuple[int, bool]] = field(default_factory=Counter)

    def add(self, one: Judged) -> None:
        """Count one contact more."""
        self.all.add(one.good)
        self.bands.setdefault(one.band, Share()).add(one.good)
        self.matrix.setdefault((one.grade, one.tier), Share()).add(one.good)
        for rule in one.rules:
            self.rules.setdefault(rule, Share()).add(one.good)
        self.peaks[one.peak, one.good] += 1

    def above(self, threshold: int) -> Share:
        """Of those whose best score reached a threshold (whole points): so many, so many good."""
        return Share(
            sum(count for (peak, _), count in self.peaks.items() if peak >= threshold),
            sum(count for (peak, good), count in self.peaks.items() if good and peak >= threshold),
        )


def faults(
    card: Scorecard, fired: Mapping[str, int], tallies: Collection[Tally]
) -> dict[str, Fault]:
    """The rules with something wrong; ``fired`` is how many contacts each gave points."""
    found: dict[str, Fault] = {}
    for rule in card.rules:
        if not rule.on:
            continue
        if not fired.get(rule.id):
            found[rule.id] = "dead"
        elif any(_harms(rule.points, rule.id, tally) for tally in tallies):
            found[rule.id] = "harmful"
    return found


def _harms(points: int, rule: str, tally: Tally) -> bool:
    """Whether those it lifts are surely worse than the others, or those it lowers surely better."""
    own = tally.rules.get(rule, Share())
    others = Share(tally.all.count - own.count, tally.all.good - own.good)
    if own.count < _ENOUGH:
        return False
    worse, better = (own, others) if points > 0 else (others, own)
    return worse.surely_below(better)
