"""Use case: a second scorecard runs beside the one in force and is only recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Engine

from plugin.scoring.fold import folder
from plugin.scoring.loading import load
from plugin.storage import challengers
from plugin.storage.challengers import Pair
from plugin.storage.engine import for_reading
from plugin.storage.scores import StoredScore

from .pasts import pasts
from .rescore import LiveScorecard, scored

#: Contacts in different bands that a comparison names.
_NAMED = 20


class NoChallenger(Exception):
    """No scorecard runs beside the one in force; the message says how to start one."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both scorecards over the same contacts at the same moments. Amounts are micro-points.

    ``moves`` counts contacts by champion's and challenger's band; ``apart`` are those in
    different bands, the farthest first.
    """

    contacts: int
    moves: Counter[tuple[str, str]]
    mean_difference: int
    apart: tuple[Pair, ...]


def challenge(engine: Engine, source: str, name: str, now: datetime) -> int:
    """Let a text run beside the scorecard in force; the worker then computes it for everybody.

    Answers its number. Raises ``ScorecardError``.
    """
    load(source, name)
    with engine.begin() as connection:
        return challengers.start(connection, source, now)


def end_challenge(engine: Engine, now: datetime) -> None:
    """Stop the challenger. Raises ``NoChallenger``."""
    with engine.begin() as connection:
        if not challengers.end(connection, now):
            raise _none()


def challenge_batch(engine: Engine, limit: int) -> int:
    """Let the challenger score up to ``limit`` contacts it is behind on; answers how many.

    At the moment of the score in force, so that both can be compared. Nothing is crossed, asked
    or written by it.
    """
    with for_reading(engine).begin() as connection:
        running = challengers.current(connection)
        if running is None or not challengers.is_behind(connection, running.id):
            return 0
    with engine.begin() as connection:
        running = challengers.current(connection)
        if running is None:
            return 0
        behind = challengers.behind(connection, running.id, limit)
        before = challengers.scores_of(connection, running.id, list(behind))
        by = _compiled(running.id, running.source)
        known = pasts(connection, by.card, list(behind))
        said = []
        for one, champion in behind.items():
            old = StoredScore(before[one], None) if one in before else None
            said.append(scored(by, one, known[one], old, champion.computed_at).score)
        challengers.save(connection, running.id, said)
    return len(behind)


def compare(engine: Engine) -> Comparison:
    """How the challenger differs so far. Raises ``NoChallenger``."""
    with for_reading(engine).begin() as connection:
        running = challengers.current(connection)
        if running is None:
            raise _none()
        return _comparison(challengers.pairs(connection, running.id))


def _comparison(pairs: Iterable[Pair]) -> Comparison:
    count = difference = 0
    moves: Counter[tuple[str, str]] = Counter()
    apart: list[Pair] = []
    for pair in pairs:
        count += 1
        difference += pair.challenger_score - pair.champion_score
        moves[pair.champion_band, pair.challenger_band] += 1
        if pair.champion_band != pair.challenger_band:
            apart.append(pair)
    apart.sort(key=lambda pair: (-abs(pair.challenger_score - pair.champion_score), pair.contact))
    return Comparison(count, moves, difference // count if count else 0, tuple(apart[:_NAMED]))


@lru_cache(maxsize=4)
def _compiled(number: int, source: str) -> LiveScorecard:
    card = load(source, f"challenger {number}")
    return LiveScorecard(number, card, folder(card))


def _none() -> NoChallenger:
    return NoChallenger("no challenger runs: start one by `maturo scorecard challenge FILE`")
