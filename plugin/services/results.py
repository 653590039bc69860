"""Use case: is the scorecard right? What became of contacts, beside what was said of them before.

All histories are read for it: the worker computes it now and then, pages show the last one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine

from plugin.scoring.history import History
from plugin.scoring.outcomes import outcome_of
from plugin.scoring.results import Fault, Share, Tally, by_outcome, by_verdict, faults
from plugin.scoring.scorecard import Scorecard
from plugin.scoring.verdicts import Verdict
from plugin.storage import ledger, ranking, reports, scores, verdicts
from plugin.storage.engine import for_reading

from .pasts import pasts
from .rehearse import monday
from .rescore import LiveScorecard, live_scorecard
from .verdicts import band_at, said_of

#: The name of the report.
RESULTS = "results"
_BATCH = 500
_WEEKS = 26
_REASONS = 10


@dataclass(slots=True)
class Results:
    """How contacts that were judged had stood before, and where all contacts stand now.

    ``fired`` is how many contacts each rule ever gave points, ``points`` how many identified
    contacts have how many whole points, ``entered`` how often each band was entered from below in
    the week from a Monday, ``reasons`` those that sales gave for rejecting.
    """

    scorecard: int
    outcomes: Tally = field(default_factory=Tally)
    verdicts: Tally = field(default_factory=Tally)
    fired: dict[str, int] = field(default_factory=dict)
    faults: dict[str, Fault] = field(default_factory=dict)
    bands: dict[str, int] = field(default_factory=dict)
    points: dict[int, int] = field(default_factory=dict)
    entered: dict[date, dict[str, int]] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)

    def above(self, threshold: int) -> int:
        """How many identified contacts have at least so many whole points now."""
        return sum(count for points, count in self.points.items() if points >= threshold)


@dataclass(frozen=True, slots=True)
class Computed:
    """The results, and when they were computed."""

    results: Results
    at: datetime


def newest_results(engine: Engine) -> Computed | None:
    """The results as they were last computed; ``None`` before the first time."""
    with for_reading(engine).begin() as connection:
        found = reports.read(connection, RESULTS)
    return None if found is None else Computed(_loaded(found.content), found.computed_at)


def compute_results(engine: Engine, now: datetime) -> dict[str, Any]:
    """The results now, as they are kept."""
    with for_reading(engine).begin() as connection:
        live = live_scorecard(connection)
        found = Results(live.id, bands=ranking.counts(connection))
        found.points = ranking.distribution(connection)
        found.fired = ledger.rules_fired(connection)
        found.entered = _entered(connection, live.card, now)
    after: int | None = 0
    while after is not None:
        with for_reading(engine).begin() as connection:
            after = _judge_batch(connection, live, found, after)
    found.faults = faults(live.card, found.fired, (found.outcomes, found.verdicts))
    return _dumped(found)


def _judge_batch(
    connection: Connection, live: LiveScorecard, found: Results, after: int
) -> int | None:
    """Count the next contacts; answers behind whom to go on, ``None`` at the end."""
    page = ranking.page(connection, after, _BATCH)
    ids = [one.score.contact_id for one in page if one.score.leads]
    known, stored = pasts(connection, live.card, ids), verdicts.read(connection, ids)
    for own in ids:
        past = known[own]
        said = said_of(live.card, past.profile, stored[own])
        _judge(connection, live.card, own, past, said, found)
    return page[-1].score.contact_id if page else None


def _judge(
    connection: Connection,
    card: Scorecard,
    contact_id: int,
    past: History,
    said: list[Verdict],
    found: Results,
) -> None:
    outcome = outcome_of(card.outcomes, past)
    if outcome is None and not said:
        return
    lines = ledger.read_lines(connection, contact_id)
    if outcome is not None:
        found.outcomes.add(by_outcome(card, lines, outcome))
    if said:
        # One contact, one vote: what sales said last.
        entered = scores.bands_entered(connection, [contact_id])[contact_id]
        band = band_at(entered, said[-1].at, card.bands[0].id)
        found.verdicts.add(by_verdict(card, lines, said[-1], band))
        if said[-1].word == "rejected" and said[-1].reason:
            found.reasons[said[-1].reason] += 1


def _entered(connection: Connection, card: Scorecard, now: datetime) -> dict[date, dict[str, int]]:
    ranks = {band.id: rank for rank, band in enumerate(card.bands)}
    first = monday(now) - timedelta(weeks=_WEEKS - 1)
    weeks: dict[date, dict[str, int]] = {
        first + timedelta(weeks=number): dict.fromkeys(ranks, 0) for number in range(_WEEKS)
    }
    for at, before, after in scores.crossings_since(connection, now - timedelta(weeks=_WEEKS)):
        week = weeks.get(monday(at))
        if week is not None and ranks.get(after, -1) > ranks.get(before, -1):
            week[after] += 1
    return weeks


def _dumped(found: Results) -> dict[str, Any]:
    return {
        "scorecard": found.scorecard,
        "outcomes": _tally(found.outcomes),
        "verdicts": _tally(found.verdicts),
        "fired": found.fired,
        "faults": found.faults,
        "bands": found.bands,
        "points": sorted(found.points.items()),
        "entered": {week.isoformat(): counts for week, counts in found.entered.items()},
        "reasons": found.reasons.most_common(_REASONS),
    }


def _loaded(kept: Mapping[str, Any]) -> Results:
    weeks = kept["entered"].items()
    return Results(
        kept["scorecard"],
        outcomes=_tally_of(kept["outcomes"]),
        verdicts=_tally_of(kept["verdicts"]),
        fired=kept["fired"],
        faults=kept["faults"],
        bands=kept["bands"],
        points=dict(kept["points"]),
        entered={date.fromisoformat(week): counts for week, counts in weeks},
        reasons=Counter(dict(kept["reasons"])),
    )


def _tally(found: Tally) -> dict[str, Any]:
    return {
        "all": _pair(found.all),
        "bands": {band: _pair(share) for band, share in found.bands.items()},
        "matrix": [[*cell, *_pair(share)] for cell, share in found.matrix.items()],
        "rules": {rule: _pair(share) for rule, share in found.rules.items()},
        "peaks": [[*peak, count] for peak, count in sorted(found.peaks.items())],
    }


def _tally_of(kept: Mapping[str, Any]) -> Tally:
    return Tally(
        Share(*kept["all"]),
        {band: Share(*pair) for band, pair in kept["bands"].items()},
        {(grade, tier): Share(*pair) for grade, tier, *pair in kept["matrix"]},
        {rule: Share(*pair) for rule, pair in kept["rules"].items()},
        Counter({(peak, good): count for peak, good, count in kept["peaks"]}),
    )


def _pair(share: Share) -> list[int]:
    return [share.count, share.good]
