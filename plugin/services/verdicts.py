"""Use case: what did sales say of the contacts they were given, and in which band were these?

Through the platform, where a verdict is a sign in the profile, or through our own pages and links.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine

from plugin.scoring.history import Snapshot, profile
from plugin.scoring.scorecard import Scorecard
from plugin.scoring.verdicts import Verdict, Word, verdicts_of
from plugin.storage import histories, ranking, scores
from plugin.storage import verdicts as storage
from plugin.storage.engine import for_reading
from plugin.storage.verdicts import StoredVerdict

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


def said_of(
    card: Scorecard, profile: Sequence[Snapshot], stored: Iterable[StoredVerdict]
) -> list[Verdict]:
    """Every verdict about one contact, oldest first."""
    told = [Verdict(one.at, one.word, one.reason) for one in stored]
    return sorted([*verdicts_of(card.verdicts, profile), *told], key=lambda one: one.at)


def _verdicts(connection: Connection) -> Iterator[GivenVerdict]:
    card, after = live_scorecard(connection).card, 0
    while found := ranking.page(connection, after, _BATCH):
        ids = [one.score.contact_id for one in found]
        facts, stored = histories.read_facts(connection, ids), storage.read(connection, ids)
        entered = scores.bands_entered(connection, ids)
        for one in found:
            own = one.score.contact_id
            for said in said_of(card, profile(facts[own]), stored[own]):
                band = band_at(entered[own], said.at, card.bands[0].id)
                yield GivenVerdict(one.address, said.at, said.word, said.reason, band)
        after = ids[-1]


def band_at(entered: Sequence[tuple[datetime, str]], at: datetime, first: str) -> str:
    """The band at a moment, by the bands entered (oldest first); ``first`` before any."""
    return next((band for moment, band in reversed(entered) if moment <= at), first)
