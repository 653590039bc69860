"""Use case: whom should sales look at first, and why?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from plugin.scoring.confidence import Confidence
from plugin.scoring.explanation import Reason
from plugin.storage import ranking
from plugin.storage.engine import for_reading
from plugin.storage.ranking import Ranked

from .reasons import reasons_of
from .rescore import known_fields, live_scorecard


@dataclass(frozen=True, slots=True)
class Priority:
    """A contact, its main interest, the reasons that weigh most, and how sure its fit is."""

    contact: Ranked
    interest: str | None
    reasons: tuple[Reason, ...]
    confidence: Confidence


class UnknownBand(LookupError):
    """The scorecard in force has no such band; the message says which it has."""


def priorities(
    engine: Engine, language: str, band: str | None = None, limit: int = 50, offset: int = 0
) -> list[Priority]:
    """Identified contacts by band, score and recency of a person, a page of them.

    Raises ``UnknownBand``.
    """
    with for_reading(engine).begin() as connection:
        known = [one.id for one in live_scorecard(connection).card.bands]
        if band is not None and band not in known:
            raise UnknownBand(f'no band "{band}"; the scorecard has {", ".join(known)}')
        found = ranking.ranked(connection, known, band, limit, offset)
        fields = known_fields(connection, [one.score.contact_id for one in found])
        return [_priority(connection, one, fields[one.score.contact_id], language) for one in found]


def _priority(
    connection: Connection, found: Ranked, fields: Mapping[str, Any], language: str
) -> Priority:
    why = reasons_of(connection, found.score, fields, language)
    return Priority(found, why.interest, why.lines, why.confidence)
