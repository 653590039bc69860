"""Use case: whom should sales look at first, and why?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from plugin.scoring.confidence import Confidence
from plugin.scoring.explanation import Reason
from plugin.scoring.lines import Line
from plugin.scoring.scorecard import Scorecard
from plugin.storage import identities, ledger, ranking
from plugin.storage.engine import for_reading
from plugin.storage.identities import Identity
from plugin.storage.ranking import Place, Ranked

from .pasts import other_addresses
from .reasons import reasons_of
from .rescore import known_fields, live_scorecard, scorecard_of


@dataclass(frozen=True, slots=True)
class Priority:
    """A person by the contact that leads, the reasons that weigh most, and how sure its fit is.

    ``others`` are its contacts in other connections, as ``CONNECTION/CONTACT``.
    """

    contact: Ranked
    others: tuple[str, ...]
    identity: Identity
    interest: str | None
    reasons: tuple[Reason, ...]
    confidence: Confidence


class UnknownBand(LookupError):
    """The scorecard in force has no such band; the message says which it has."""


class UnknownPlace(ValueError):
    """This is no place in the list; the message says what one looks like."""


def priorities(
    engine: Engine,
    language: str,
    band: str | None = None,
    limit: int = 50,
    after: str | None = None,
    text: str = "",
) -> list[Priority]:
    """Identified persons by band, score and recency, a page of them.

    From behind ``after``, which ``place_of`` the last one shown gives; with a ``text`` those whose
    name, e-mail or company has all its words. Raises ``UnknownBand`` or ``UnknownPlace``.
    """
    place = None if after is None else _place(after)
    with for_reading(engine).begin() as connection:
        live = live_scorecard(connection).card
        known = [one.id for one in live.bands]
        if band is not None and band not in known:
            raise UnknownBand(f'no band "{band}"; the scorecard has {", ".join(known)}')
        found = ranking.ranked(connection, known, band, limit, place, text)
        ids = [one.score.contact_id for one in found]
        fields, people = known_fields(connection, ids), identities.read(connection, ids)
        lines, others = ledger.lines_of(connection, ids), other_addresses(connection, live, ids)
        versions = {one.score.scorecard_id for one in found}
        cards = {one: scorecard_of(connection, one).card for one in versions}
    return [
        _priority(cards, one, others[own], people, (fields[own], lines[own]), language)
        for own, one in zip(ids, found, strict=True)
    ]


def place_of(found: Ranked) -> str:
    """Where a contact is in the list, to go on behind it."""
    place = found.place
    return f"{place.score}.{place.last_active}.{place.contact_id}.{place.band}"


def _place(text: str) -> Place:
    parts = text.split(".", 3)
    try:
        score, last_active, contact_id = map(int, parts[:3])
        return Place(parts[3], score, last_active, contact_id)
    except (ValueError, IndexError):
        raise UnknownPlace(
            f'"{text}" is no place in the list: give the one that the last page ended with'
        ) from None


def _priority(
    cards: Mapping[int, Scorecard],
    found: Ranked,
    others: tuple[str, ...],
    people: Mapping[int, Identity],
    known: tuple[Mapping[str, Any], Sequence[Line]],
    language: str,
) -> Priority:
    why = reasons_of(cards[found.score.scorecard_id], found.score, *known, language)
    who = people.get(found.score.contact_id, Identity())
    return Priority(found, others, who, why.interest, why.lines, why.confidence)
