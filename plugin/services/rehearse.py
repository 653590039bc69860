"""Use case: what would a scorecard change? Nothing is written, whatever the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from plugin.scoring.fold import folder
from plugin.scoring.history import History
from plugin.scoring.loading import load
from plugin.scoring.past import rises
from plugin.storage import histories, ranking
from plugin.storage.engine import for_reading
from plugin.storage.ranking import Ranked
from plugin.storage.scores import Score, StoredScore

from .rescore import LiveScorecard, live_scorecard, scored, timeline

_BATCH = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a contact stands under one scorecard. Amounts are micro-points."""

    score: int
    fit: int
    engagement: int
    grade: str
    band: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A contact as it is stored, under the scorecard in force, and under the draft.

    ``rose`` and ``would_rise`` are the bands entered from below, with the Monday of the week, by
    the scorecard in force and by the draft.
    """

    contact: str
    identified: bool
    stored: Standing
    live: Standing
    draft: Standing
    rose: tuple[tuple[date, str], ...]
    would_rise: tuple[tuple[date, str], ...]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The sums: contacts by band, changes of band, and rises by week and band, live and draft."""

    contacts: int
    live: Counter[str]
    draft: Counter[str]
    moves: Counter[tuple[str, str]]
    rose: Counter[tuple[date, str]]
    would_rise: Counter[tuple[date, str]]


def rehearse(
    engine: Engine, source: str, name: str, now: datetime, weeks: int = 8
) -> Iterator[Rehearsed]:
    """Every scored contact, one after the other; raises ``ScorecardError`` before the first.

    The draft's standing is what publishing would bring, to the point. ``weeks`` is how far back
    rises are looked for.
    """
    card = load(source, name)
    draft = LiveScorecard(0, card, folder(card))
    return _rehearsed(engine, draft, now, now - timedelta(weeks=weeks))


def plan(engine: Engine, now: datetime) -> Iterator[Rehearsed]:
    """The same with the scorecard in force as the draft: what a recalculation would change."""
    return _rehearsed(engine, None, now, now)


def total(rehearsed: Iterable[Rehearsed]) -> Rehearsal:
    """The sums over contacts."""
    sums = Rehearsal(0, Counter(), Counter(), Counter(), Counter(), Counter())
    contacts = 0
    for one in rehearsed:
        contacts += 1
        sums.live[one.live.band] += 1
        sums.draft[one.draft.band] += 1
        if one.live.band != one.draft.band:
            sums.moves[one.live.band, one.draft.band] += 1
        sums.rose.update(one.rose)
        sums.would_rise.update(one.would_rise)
    return Rehearsal(contacts, sums.live, sums.draft, sums.moves, sums.rose, sums.would_rise)


def _rehearsed(
    engine: Engine, draft: LiveScorecard | None, now: datetime, since: datetime
) -> Iterator[Rehearsed]:
    after = 0
    while True:
        with for_reading(engine).begin() as connection:
            live = live_scorecard(connection)
            found = ranking.page(connection, after, _BATCH)
            ids = [one.score.contact_id for one in found]
            recorded = histories.read_histories(connection, ids)
        if not found:
            return
        for one in found:
            past = timeline(recorded[one.score.contact_id])
            yield _one(one, past, (live, draft or live), now, since)
        after = ids[-1]


def _one(
    found: Ranked,
    past: History,
    cards: tuple[LiveScorecard, LiveScorecard],
    now: datetime,
    since: datetime,
) -> Rehearsed:
    old = StoredScore(found.score, None)
    live, draft = (scored(by, found.score.contact_id, past, old, now) for by in cards)
    rose, would_rise = (
        tuple((_monday(at), band) for at, band in rises(by.card, one.lines, since, now))
        for by, one in zip(cards, (live, draft), strict=True)
    )
    return Rehearsed(
        contact=found.address,
        identified=found.score.identified,
        stored=_standing(found.score),
        live=_standing(live.score),
        draft=_standing(draft.score),
        rose=rose,
        would_rise=would_rise,
    )


def _standing(score: Score) -> Standing:
    return Standing(score.score, score.fit, score.engagement, score.grade, score.band)


def _monday(moment: datetime) -> date:
    day = moment.date()
    return day - timedelta(days=day.weekday())
