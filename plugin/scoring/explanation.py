"""Why this score: a sentence for every line, every cap, and everything that did not count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale

from .catalogue import catalogue
from .confidence import Confidence, confidence, unknown
from .durations import parse_duration
from .evaluate import Adjustment, Contribution, evaluate
from .formats import Formats
from .lines import Folding, Line, Skipped
from .scorecard import Dimension, Group, Labels, Scorecard
from .sentences import fading


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence, and the micro-points it stands for: then and at the moment explained.

    ``rule`` is None for a cap, a floor or a weight. ``cut`` says how the points fade, ``at`` is
    the moment from which they do, and ``ends`` when nothing is left of them (``None``: never).
    """

    sentence: str
    then: int
    now: int
    rule: str | None = None
    cut: str | None = None
    at: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The score at ``at`` in micro-points, and sentences that account for all of it.

    The ``now`` of ``lines`` and ``adjustments`` sum to ``score``, exactly. Lines and what was
    ``not_counted`` come newest first. ``confidence`` is how much of what the fit asks is known, and
    ``unknown`` says what is not (``None``: nothing).
    """

    at: datetime
    score: int
    grade: str
    dimensions: Mapping[str, int]
    lines: tuple[Reason, ...]
    adjustments: tuple[Reason, ...]
    not_counted: tuple[Reason, ...]
    confidence: Confidence
    unknown: str | None


def explain(
    card: Scorecard,
    folding: Folding,
    at: datetime,
    lang: str,
    fields: Mapping[str, Any] = MappingProxyType({}),
) -> Explanation:
    """The score of a folding at ``at``, told in ``lang`` (``en`` or ``fr``).

    ``fields`` is what was then known of the contact.
    """
    teller = _Teller(card, catalogue(lang), Formats(Locale(lang), ZoneInfo(card.timezone)))
    evaluation, sure = evaluate(card, folding.lines, at), confidence(card, fields)
    newest = sorted(evaluation.contributions, key=lambda given: given.line.began, reverse=True)
    refused = sorted(folding.skipped, key=lambda skipped: skipped.at, reverse=True)
    return Explanation(
        at=at,
        score=evaluation.score,
        grade=evaluation.grade,
        dimensions=evaluation.dimensions,
        lines=tuple(map(teller.line, newest)),
        adjustments=tuple(map(teller.adjustment, evaluation.adjustments)),
        not_counted=tuple(teller.refusal(skipped) for skipped in refused if skipped.holds(at)),
        confidence=sure,
        unknown=unknown(sure, teller.formats),
    )


@dataclass(frozen=True, slots=True)
class _Teller:
    card: Scorecard
    strings: Mapping[str, str]
    formats: Formats

    def line(self, given: Contribution) -> Reason:
        line = given.line
        sentence = self._sentence(
            line.reason,
            line.rule,
            line.began,
            {
                **line.params,
                "then": self.formats.points(line.points),
                "now": self.formats.points(given.points),
            },
        )
        cut, ends = fading(line.decay, self.strings, self.formats), _ends(line)
        return Reason(sentence, line.points, given.points, line.rule, cut, line.began, ends)

    def refusal(self, skipped: Skipped) -> Reason:
        sentence = self._sentence(skipped.reason, skipped.rule, skipped.at, skipped.params)
        return Reason(sentence, 0, 0, skipped.rule, at=skipped.at)

    def adjustment(self, adjustment: Adjustment) -> Reason:
        sentence = self.strings[f"adjustment.{adjustment.scope}.{adjustment.cause}"].format(
            name=self._name(adjustment),
            bound=self._bound(adjustment),
            now=self.formats.points(adjustment.points),
        )
        return Reason(sentence, adjustment.points, adjustment.points)

    def _sentence(self, reason: str, rule: str, at: datetime, params: Mapping[str, Any]) -> str:
        told = {
            **params,
            "rule": self._rule(rule),
            "day": self.formats.day(at),
            "time": self.formats.time(at),
        }
        if told.get("length"):
            told["length"] = self.formats.span(parse_duration(told["length"]))
        known = {key: "—" if value is None else value for key, value in told.items()}
        return self.strings[reason].format(**known)

    def _rule(self, id: str) -> str:
        """A rule that the card no longer has still has its id in the ledger."""
        labels = next((rule.labels for rule in self.card.rules if rule.id == id), {})
        return self._label(labels, id)

    def _name(self, adjustment: Adjustment) -> str:
        if adjustment.scope == "group":
            return self._label(self.card.groups[adjustment.id].labels, adjustment.id)
        return self.strings[f"name.{adjustment.id}"]

    def _bound(self, adjustment: Adjustment) -> str:
        if adjustment.cause == "weight":
            return self.formats.number(self.card.dimensions[adjustment.id].weight)
        scopes: Mapping[str, Mapping[str, Group | Dimension | Scorecard]] = {
            "group": self.card.groups,
            "dimension": self.card.dimensions,
            "score": {"score": self.card},
        }
        bounds = scopes[adjustment.scope][adjustment.id].bounds
        return self.formats.points(getattr(bounds, adjustment.cause))

    def _label(self, labels: Labels, id: str) -> str:
        return labels.get(self.formats.locale.language) or labels.get("en") or id


def _ends(line: Line) -> datetime | None:
    """When nothing is left of what a line gives; a half-life leaves something for ever."""
    gone = line.decay.gone
    ends = [line.began + gone] if gone is not None else []
    return min([*ends, *([line.valid_to] if line.valid_to else [])], default=None)
