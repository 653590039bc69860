"""From history to ledger, score, crossings and write-backs: the one path every change takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from threading import get_ident
from typing import Any

from sqlalchemy import Connection

from plugin.scoring.bands import next_band
from plugin.scoring.companies import with_companies
from plugin.scoring.evaluate import Evaluation, evaluate, whole_points
from plugin.scoring.fold import folder
from plugin.scoring.history import History, history
from plugin.scoring.lines import Folding
from plugin.scoring.loading import load
from plugin.scoring.scorecard import Band, Scorecard
from plugin.storage import deliveries, histories, ledger, scorecards, scores
from plugin.storage.histories import StoredHistory
from plugin.storage.scorecards import StoredScorecard
from plugin.storage.scores import Crossing, Score, StoredScore


@dataclass(frozen=True, slots=True)
class LiveScorecard:
    """The scorecard in force, with the version under which entries are kept."""

    id: int
    card: Scorecard
    fold: Callable[[History], Folding]

    @property
    def tags(self) -> frozenset[str]:
        """The tags that its bands wear."""
        return frozenset(band.tag for band in self.card.bands if band.tag)


class NoScorecard(Exception):
    """Nothing was published yet; the message says how to publish."""


def live_scorecard(connection: Connection, at: datetime | None = None) -> LiveScorecard:
    """The scorecard in force now or at a past moment; raises ``NoScorecard``."""
    stored = scorecards.in_force(connection, at)
    if stored is None:
        raise NoScorecard("no scorecard is published yet: run `maturo scorecard publish FILE`")
    return _compiled(stored, get_ident())


def scorecard_of(connection: Connection, scorecard_id: int) -> LiveScorecard:
    """The scorecard of that version; after a publication it is not in force any more."""
    return _compiled(scorecards.get(connection, scorecard_id), get_ident())


def timeline(stored: StoredHistory) -> History:
    """The recorded history in its one order, the company's fields being part of the profile."""
    return history(stored.activities, with_companies(stored.facts, stored.companies))


def rescore(
    connection: Connection, live: LiveScorecard, contact_ids: Iterable[int], now: datetime
) -> None:
    """Score these contacts anew from their whole history; safe to repeat, in any order."""
    ids = sorted(contact_ids)
    recorded = histories.read_histories(connection, ids)
    before = scores.read_scores(connection, ids)
    folded = {}
    computed: list[Score] = []
    crossed: list[Crossing] = []
    for contact_id in ids:
        past = timeline(recorded[contact_id])
        lines = folded[contact_id] = live.fold(past).lines
        evaluation = evaluate(live.card, lines, now)
        old = before.get(contact_id)
        band = next_band(live.card.bands, old.score.band if old else None, evaluation.score)
        score = _score(contact_id, live.id, evaluation, band, _identified(past), now)
        computed.append(score)
        crossed += _crossing(live.card, old, score)
    ledger.settle(connection, live.id, folded, now)
    scores.save_scores(connection, computed)
    scores.record_crossings(connection, crossed)
    _plan_deliveries(connection, live, computed, before, now)


def targets(live: LiveScorecard, score: Score) -> dict[str, Any]:
    """What the platform is to hold of a score: whole points, grade, band, and the band's tag."""
    band = next(band for band in live.card.bands if band.id == score.band)
    return {
        "score": whole_points(score.score),
        "fit": whole_points(score.fit),
        "engagement": whole_points(score.engagement),
        "grade": score.grade,
        "band": score.band,
        "tag": band.tag,
    }


@lru_cache(maxsize=8)
def _compiled(stored: StoredScorecard, _thread: int) -> LiveScorecard:
    # One for each thread: a folder remembers the subjects it met.
    card = load(stored.source, f"scorecard version {stored.id}")
    return LiveScorecard(stored.id, card, folder(card))


def _score(
    contact_id: int,
    scorecard_id: int,
    evaluation: Evaluation,
    band: Band,
    identified: bool,
    now: datetime,
) -> Score:
    return Score(
        contact_id=contact_id,
        scorecard_id=scorecard_id,
        score=evaluation.score,
        fit=evaluation.dimensions.get("fit", 0),
        engagement=evaluation.dimensions.get("engagement", 0),
        grade=evaluation.grade,
        band=band.id,
        identified=identified,
        computed_at=now,
    )


def _identified(past: History) -> bool:
    latest: Mapping[str, Any] = past.profile[-1].fields if past.profile else {}
    return bool(latest.get("email") or latest.get("date_identified"))


def _crossing(card: Scorecard, old: StoredScore | None, score: Score) -> list[Crossing]:
    came_from = card.bands[0].id if old is None else old.score.band
    if came_from == score.band:
        return []
    return [
        Crossing(
            contact_id=score.contact_id,
            scorecard_id=score.scorecard_id,
            from_band=came_from,
            to_band=score.band,
            score=score.score,
            at=score.computed_at,
        )
    ]


def _plan_deliveries(
    connection: Connection,
    live: LiveScorecard,
    computed: Iterable[Score],
    before: Mapping[int, StoredScore],
    now: datetime,
) -> None:
    # A visitor's score is kept but not written: platforms take some 40 writes a second, and
    # nobody can act on a visitor. It is written in the moment the visitor is identified.
    identified = {score.contact_id: targets(live, score) for score in computed if score.identified}
    asked = deliveries.asked(connection, list(identified))
    wanted = {}
    for contact_id, values in identified.items():
        waiting = asked.get(contact_id)
        written = before[contact_id].written if contact_id in before else None
        # What waits may be on its way or have arrived unnoticed: it is replaced, never withdrawn.
        if waiting is None and values == written:
            continue
        worn = _worn(written) | _worn(waiting.values if waiting else None) | live.tags
        full = values | {"remove_tags": sorted(worn - {values["tag"]})}
        if waiting is None or not waiting.pending or waiting.values != full:
            wanted[contact_id] = full
    deliveries.replace(connection, wanted, now)


def _worn(values: Mapping[str, Any] | None) -> set[str]:
    """The tags a contact may wear by us if the platform took these values."""
    if values is None:
        return set()
    return {tag for tag in (values["tag"], *values.get("remove_tags", ())) if tag}
