"""Use case: what did sales say of the contacts they were given, and in which band were these?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine

from plugin.scoring.history import profile
from plugin.scoring.verdicts import Word, verdicts_of
from plugin.storage import histories, ranking, scores
from plugin.storage.engine import for_reading

from .rescore import live_scorecard

_BATCH = 500


@dataclass(frozen=True, slots=True)
class GivenVerdict:
    """One verdict; ``band`` is the one the contact was in at that moment."""

    contact: str
    at: datetime
    word: Word
    reason: str | None = field(repr=False)
    band: str


def verdicts(engine: Engine) -> list[GivenVerdict]:
    """Every verdict by the signs of the scorecard in force, the newest first."""
    with for_reading(engine).begin() as connection:
        return sorted(_verdicts(connection), key=lambda one: (one.at, one.contact), reverse=True)


def _verdicts(connection: Connection) -> Iterator[GivenVerdict]:
    card, after = live_scorecard(connection).card, 0
    while found := ranking.page(connection, after, _BATCH):
        ids = [one.score.contact_id for one in found]
        facts = histories.read_facts(connection, ids)
        entered = scores.bands_entered(connection, ids)
        for one in found:
            own = one.score.contact_id
            for said in verdicts_of(card.verdicts, profile(facts[own])):
                band = _band_at(entered[own], said.at, card.bands[0].id)
                yield GivenVerdict(one.address, said.at, said.word, said.reason, band)
        after = ids[-1]


def _band_at(entered: Sequence[tuple[datetime, str]], at: datetime, first: str) -> str:
    return next((band for moment, band in reversed(entered) if moment <= at), first)
