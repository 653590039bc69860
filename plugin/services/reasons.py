"""Why somebody is worth a call: the main interest and the lines that weigh most, in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from plugin.scoring.catalogue import catalogue
from plugin.scoring.confidence import Confidence
from plugin.scoring.evaluate import evaluate, whole_points
from plugin.scoring.explanation import Reason, explain
from plugin.scoring.lines import Folding
from plugin.scoring.summary import main_interest, top_reasons
from plugin.storage import ledger, scores
from plugin.storage.scores import Score

from .rescore import known_fields, scorecard_of


@dataclass(frozen=True, slots=True)
class Reasons:
    """The interest, if there is one, the reasons, the weightiest first, and how sure the fit is.

    ``unknown`` says what is not known of the fit (``None``: nothing).
    """

    interest: str | None
    lines: tuple[Reason, ...]
    confidence: Confidence
    unknown: str | None


def reasons_of(
    connection: Connection, score: Score, fields: Mapping[str, Any], language: str
) -> Reasons:
    """The reasons of a stored score, by the scorecard that computed it and at its moment.

    ``fields`` is what is known of the contact.
    """
    card = scorecard_of(connection, score.scorecard_id).card
    evaluation = evaluate(card, ledger.read_lines(connection, score.contact_id), score.computed_at)
    best = tuple(given.line for given in top_reasons(evaluation))
    told = explain(card, Folding(best), score.computed_at, language, fields)
    order = {line.rule: place for place, line in enumerate(best)}
    lines = sorted(told.lines, key=lambda reason: order[reason.rule or ""])
    interest = main_interest(card, evaluation)
    return Reasons(interest, tuple(lines), told.confidence, told.unknown)


def reasons_for_sales(connection: Connection, contact_id: int, language: str) -> str:
    """The text of a call note: score, band, main interest and the top reasons, a line each."""
    score = scores.read_scores(connection, [contact_id])[contact_id].score
    card = scorecard_of(connection, score.scorecard_id).card
    band = next(band for band in card.bands if band.id == score.band)
    fields = known_fields(connection, [contact_id])[contact_id]
    found, strings = reasons_of(connection, score, fields, language), catalogue(language)
    head = strings["call.score"].format(
        score=whole_points(score.score),
        band=band.labels.get(language) or band.labels.get("en") or band.id,
    )
    interest = [strings["call.interest"].format(name=found.interest)] if found.interest else []
    unknown = [found.unknown] if found.unknown else []
    lines = (f"– {line.sentence}" for line in found.lines)
    return "\n".join([head, *interest, *lines, *unknown])
