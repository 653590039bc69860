"""Why somebody is worth a call: the main interest and the lines that weigh most, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection

from plugin.scoring.catalogue import catalogue
from plugin.scoring.confidence import Confidence
from plugin.scoring.evaluate import evaluate, whole_points
from plugin.scoring.explanation import Reason, explain
from plugin.scoring.lines import Folding, Line
from plugin.scoring.scorecard import Scorecard
from plugin.scoring.summary import main_interest, top_reasons
from plugin.storage import contacts, identities, ledger, scores
from plugin.storage.identities import Identity
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
    card: Scorecard,
    score: Score,
    fields: Mapping[str, Any],
    lines: Sequence[Line],
    language: str,
) -> Reasons:
    """The reasons of a stored score, by the ``card`` that computed it and at its moment.

    ``fields`` is what is known of the contact, ``lines`` are those in force.
    """
    evaluation = evaluate(card, lines, score.computed_at)
    best = tuple(given.line for given in top_reasons(evaluation))
    told = explain(card, Folding(best), score.computed_at, language, fields)
    order = {line.rule: place for place, line in enumerate(best)}
    reasons = sorted(told.lines, key=lambda reason: order[reason.rule or ""])
    interest = main_interest(card, evaluation)
    return Reasons(interest, tuple(reasons), told.confidence, told.unknown)


def reasons_for_sales(
    connection: Connection,
    contact_id: int,
    language: str,
    link: Callable[[int], str] | None = None,
    page: Callable[[str], str] | None = None,
) -> str:
    """The text of a call note: score, band, main interest and the top reasons, a line each.

    At the end the ``page`` that shows all of it, by the contact's address, and the ``link`` by
    which sales says what the contact was worth.
    """
    score = scores.read_scores(connection, [contact_id])[contact_id].score
    card = scorecard_of(connection, score.scorecard_id).card
    band = next(band for band in card.bands if band.id == score.band)
    fields = known_fields(connection, [contact_id])[contact_id]
    lines = ledger.read_lines(connection, contact_id)
    card = scorecard_of(connection, score.scorecard_id).card
    found, strings = reasons_of(card, score, fields, lines, language), catalogue(language)
    head = strings["call.score"].format(
        score=whole_points(score.score),
        band=band.labels.get(language) or band.labels.get("en") or band.id,
    )
    interest = [strings["call.interest"].format(name=found.interest)] if found.interest else []
    unknown = [found.unknown] if found.unknown else []
    why = (f"– {line.sentence}" for line in found.lines)
    shown = page(named(connection, contact_id)[1]) if page else None
    more = [strings["call.page"].format(link=shown)] if shown else []
    verdict = [strings["call.verdict"].format(link=link(contact_id))] if link else []
    return "\n".join([head, *interest, *why, *unknown, *more, *verdict])


def named(connection: Connection, contact_id: int) -> tuple[str, str]:
    """How people call a contact, and its ``CONNECTION/CONTACT``."""
    address = contacts.addresses(connection, [contact_id])[contact_id]
    who = identities.read(connection, [contact_id]).get(contact_id, Identity())
    told = ", ".join(filter(None, (who.name or who.email, who.company)))
    return told or address, address


def page_links(public_url: str | None) -> Callable[[str], str] | None:
    """Makes the address of a contact's page; ``None`` where nobody could reach us by it."""
    if not public_url:
        return None
    return lambda address: f"{public_url.rstrip('/')}/admin/contacts/{quote(address)}"
