"""Use case: what would a scorecard change? Nothing is written, whatever the answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from plugin.scoring.actions import HANDOVERS
from plugin.scoring.asked import Asked, asked
from plugin.scoring.fold import folder
from plugin.scoring.history import History
from plugin.scoring.lines import Line
from plugin.scoring.loading import load
from plugin.scoring.outcomes import Outcome, outcome_of
from plugin.scoring.past import Entry, bands_reached, entries
from plugin.scoring.scorecard import Scorecard
from plugin.storage import ranking
from plugin.storage.engine import for_reading
from plugin.storage.ranking import Ranked
from plugin.storage.scores import Score, StoredScore

from .pasts import pasts
from .rescore import LiveScorecard, live_scorecard, scored

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
class Past:
    """What one scorecard would have brought a contact in the time looked back at.

    ``reached`` are all bands up to the best one it had before its outcome, the lowest first;
    nothing where no outcome is known.
    """

    entered: tuple[Entry, ...]
    asked: tuple[Asked, ...]
    reached: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A contact as it is stored, under the scorecard in force, and under the draft."""

    contact: str
    identified: bool
    outcome: Outcome | None
    stored: Standing
    live: Standing
    draft: Standing
    live_past: Past
    draft_past: Past


@dataclass(slots=True)
class Side:
    """The sums of one scorecard.

    Contacts by band now; bands entered from below by the Monday of the week; actions by name,
    object and occasion; calls asked for by week; and of the contacts whose outcome is known, how
    many reached a band before it, and how many of these were won.
    """

    bands: Counter[str] = field(default_factory=Counter)
    entered: Counter[tuple[date, str]] = field(default_factory=Counter)
    asked: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    calls: Counter[date] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    won: Counter[str] = field(default_factory=Counter)

    def add(self, standing: Standing, past: Past, outcome: Outcome | None) -> None:
        """Count one more contact."""
        self.bands[standing.band] += 1
        self.entered.update((monday(one.at), one.band) for one in past.entered if one.rises)
        self.asked.update((one.action.name, one.action.object, one.occasion) for one in past.asked)
        # A call and a message about it are one hand-over.
        handed = {(one.at, one.occasion) for one in past.asked if one.action.name in HANDOVERS}
        self.calls.update(monday(at) for at, _ in handed)
        self.reached.update(past.reached)
        if outcome is not None and outcome.result == "won":
            self.won.update(past.reached)


@dataclass(slots=True)
class Rehearsal:
    """The sums of both scorecards, and the changes of band from one to the other."""

    contacts: int = 0
    live: Side = field(default_factory=Side)
    draft: Side = field(default_factory=Side)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, one: Rehearsed) -> None:
        """Count one more contact."""
        self.contacts += 1
        self.live.add(one.live, one.live_past, one.outcome)
        self.draft.add(one.draft, one.draft_past, one.outcome)
        if one.live.band != one.draft.band:
            self.moves[one.live.band, one.draft.band] += 1


def rehearse(
    engine: Engine,
    source: str,
    name: str,
    now: datetime,
    weeks: int = 8,
    sample: int | None = None,
) -> Iterator[Rehearsed]:
    """Every scored contact, one after the other; raises ``ScorecardError`` before the first.

    The draft's standing is what publishing would bring, to the point. ``weeks`` is how far back
    entries and actions are looked for, ``sample`` how many contacts, spread evenly, are enough.
    """
    card = load(source, name)
    draft = LiveScorecard(0, card, folder(card))
    return _rehearsed(engine, draft, now, now - timedelta(weeks=weeks), sample)


def plan(engine: Engine, now: datetime) -> Iterator[Rehearsed]:
    """The same with the scorecard in force as the draft: what a recalculation would change."""
    return _rehearsed(engine, None, now, now)


def _rehearsed(
    engine: Engine,
    draft: LiveScorecard | None,
    now: datetime,
    since: datetime,
    sample: int | None = None,
) -> Iterator[Rehearsed]:
    after = 0
    with for_reading(engine).begin() as connection:
        every = max(ranking.count(connection) // sample, 1) if sample else 1
    while True:
        with for_reading(engine).begin() as connection:
            live = live_scorecard(connection)
            found = ranking.page(connection, after, _BATCH, every)
            ids = [one.score.contact_id for one in found]
            known = pasts(connection, live.card, ids)
            drafted = known
            if draft and draft.card.join_by_email != live.card.join_by_email:
                drafted = pasts(connection, draft.card, ids)
        if not found:
            return
        for one in found:
            own = one.score.contact_id
            yield _one(one, (known[own], drafted[own]), (live, draft or live), now, since)
        after = ids[-1]


def _one(
    found: Ranked,
    both: tuple[History, History],
    cards: tuple[LiveScorecard, LiveScorecard],
    now: datetime,
    since: datetime,
) -> Rehearsed:
    old = StoredScore(found.score, None)
    live, draft = (
        scored(by, found.score.contact_id, past, old, now)
        for by, past in zip(cards, both, strict=True)
    )
    # What became of a contact is a fact, the same for both: the draft may be the first to say it.
    signs = cards[1].card.outcomes or cards[0].card.outcomes
    outcome = outcome_of(signs, both[1])
    live_past, draft_past = (
        _past(by.card, past, one.lines, outcome, (since, now))
        for by, past, one in zip(cards, both, (live, draft), strict=True)
    )
    return Rehearsed(
        contact=found.address,
        identified=found.score.identified,
        outcome=outcome,
        stored=_standing(found.score),
        live=_standing(live.score),
        draft=_standing(draft.score),
        live_past=live_past,
        draft_past=draft_past,
    )


def _past(
    card: Scorecard,
    past: History,
    lines: Sequence[Line],
    outcome: Outcome | None,
    span: tuple[datetime, datetime],
) -> Past:
    entered = tuple(entries(card, lines, *span))
    done = asked(card, past, lines, entered, *span)
    reached = bands_reached(card, lines, outcome.at) if outcome else ()
    return Past(entered, tuple(done), reached)


def _standing(score: Score) -> Standing:
    return Standing(score.score, score.fit, score.engagement, score.grade, score.band)


def monday(moment: datetime) -> date:
    """The first day of its week, in UTC."""
    day = moment.date()
    return day - timedelta(days=day.weekday())
