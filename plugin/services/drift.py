"""Use case: has what the scorecard in force says moved since it was published?

Each Monday the four weeks before are compared with the four weeks before the publication (or, where
too few were active in them, some after): the points of the contacts that were active, and the share
that was won. Histories are read for it: the worker computes it now and then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Engine

from plugin.learning.case import Case
from plugin.scoring.capacity import Rise, filling, risen, rising
from plugin.scoring.drift import Level, Seen, drift
from plugin.scoring.evaluate import standing
from plugin.scoring.lines import Folding
from plugin.scoring.scorecard import MICRO
from plugin.storage import reports, scorecards
from plugin.storage.engine import for_reading

from .cases import cases, spread_of
from .rehearse import monday
from .rescore import LiveScorecard, live_scorecard, signs_of_life

#: The name of the report.
DRIFT = "drift"
_SAMPLE, _SHOWN, _SPAN = 5_000, 12, timedelta(weeks=4)
_WEEK = timedelta(weeks=1)
#: So often after the publication it is tried whether enough were active to compare with.
_TRIES = 4


@dataclass(frozen=True, slots=True)
class Week:
    """The four weeks until a Monday: contacts active in them, how many were won, what moved."""

    until: date
    contacts: int
    won: int
    psi: float | None
    ratio: float | None
    level: Level


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved since ``since``, the newest week last; nothing where too few were active.

    ``rose`` is how many contacts a week rose to some points or beyond in the last four.
    """

    computed_at: datetime
    scorecard: int
    since: date | None
    weeks: tuple[Week, ...]
    rose: Mapping[int, float]

    @property
    def level(self) -> Level:
        """Of the newest week."""
        return self.weeks[-1].level if self.weeks else "steady"

    def begin_at(self, calls: float) -> int | None:
        """From how many points on so many calls a week are filled; never once it has stopped."""
        return None if self.level == "stopped" else filling(self.rose, calls)

    def a_week(self, points: int) -> float:
        """How many contacts a week rose to so many points."""
        return rising(self.rose, points)


def newest_drift(engine: Engine) -> Moved | None:
    """As it was last computed for the scorecard in force; ``None`` before the first time."""
    with for_reading(engine).begin() as connection:
        found, live = reports.read(connection, DRIFT), scorecards.in_force(connection)
    if found is None or live is None or found.content["scorecard"] != live.id:
        return None
    kept = found.content
    return Moved(
        found.computed_at,
        live.id,
        date.fromisoformat(kept["since"]) if kept["since"] else None,
        tuple(Week(**one | {"until": date.fromisoformat(one["until"])}) for one in kept["weeks"]),
        dict(kept["rose"]),
    )


def compute_drift(engine: Engine, now: datetime) -> dict[str, Any]:
    """What moved until now, as it is kept."""
    with for_reading(engine).begin() as connection:
        live, stored = live_scorecard(connection), scorecards.in_force(connection)
    published = stored.published_at if stored else now
    starts = [published + _SPAN * number for number in range(_TRIES)]
    last = datetime.combine(monday(now), time(), UTC)
    mondays = [last - _WEEK * back for back in range(_SHOWN, -1, -1)]
    spread = spread_of(engine, _SAMPLE)
    ends = sorted({one for one in (*starts, *mondays) if one <= now})
    seen, rises = _seen(live, cases(engine, live.card, spread), ends, mondays[-5:])
    since = next((one for one in starts if one in seen and seen[one].enough), None)
    # Weeks that share days with those compared with would not show all that moved.
    later = [one for one in mondays if since and one.date() >= (since + _SPAN).date()]
    share = spread * _WEEK / _SPAN
    return {
        "scorecard": live.id,
        "since": since and since.date().isoformat(),
        "weeks": [_week(one, seen[since], seen[one]) for one in later if since],
        "rose": [(points, count * share) for points, count in risen(rises).items()],
    }


def _seen(
    live: LiveScorecard,
    asked: Iterable[Case],
    ends: Sequence[datetime],
    weeks: Sequence[datetime],
) -> tuple[dict[datetime, Seen], list[Rise]]:
    """Who was active until each of the ``ends``, and who rose within the ``weeks``."""
    points: defaultdict[datetime, list[float]] = defaultdict(list)
    won: defaultdict[datetime, int] = defaultdict(int)
    rises: list[Rise] = []
    for case in asked:
        folding, active = live.fold(case.past), list(signs_of_life(case.past))
        for end in ends:
            if _won_until(case, end):
                won[end] += 1
            elif case.open(end) and _any_until(active, end):
                points[end].append(_points(live, folding, end))
        rises += _rise(live, case, folding, weeks)
    return {end: Seen(points[end], won[end]) for end in ends}, rises


def _week(until: datetime, before: Seen, after: Seen) -> dict[str, Any]:
    found = drift(before, after)
    counts = {"until": until.date().isoformat(), "contacts": len(after.points), "won": after.won}
    return counts | asdict(found)


def _rise(
    live: LiveScorecard, case: Case, folding: Folding, weeks: Sequence[datetime]
) -> Iterator[Rise]:
    known = [one for one in weeks if case.open(one)]
    found = [_points(live, folding, one) for one in known]
    before = found.pop(0) if known and known[0] == weeks[0] else None
    if found:
        yield Rise(before, max(found))


def _points(live: LiveScorecard, folding: Folding, at: datetime) -> float:
    return standing(live.card, folding, at).score / MICRO


def _won_until(case: Case, end: datetime) -> bool:
    found = case.outcome
    return found is not None and found.result == "won" and _any_until([found.at], end)


def _any_until(moments: Iterable[datetime], end: datetime) -> bool:
    """Whether one of them is in the span that ends then."""
    return any(end - _SPAN < one <= end for one in moments)
