"""What is proposed to a person, and all that speaks for it and against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

import numpy as np

from plugin.scoring.drift import Seen, drift

from .as_of import AsOf
from .candidates import Candidate
from .comparison import Advice, Comparison, Cost, advice, comparisons, cost
from .differences import Difference, differences
from .leaks import Leak, leaks
from .learned import Learned, learn_from
from .measures import Figure, Told, calibration_error, gain, reliability
from .question import Question
from .reach import Thresholds, Volume, begin_at, volumes
from .rows import Proposed, proposed_rows
from .table import Floats, Table

#: Contacts won before the last part of time: fewer say nothing; fewer never make a probability.
LEAST_WINS, CALIBRATED_WINS = 20, 150
#: Days since a contact did something.
_LATELY = 28


@dataclass(frozen=True, slots=True)
class Proposal:
    """``form`` says whether the rows add to the present rules (``corrections``) or replace them.

    All figures are of the later part of time. ``gain`` is the AUC over the present rules,
    ``calibration_error`` is ``None`` and ``reliability`` empty where wins are too few to speak of
    probabilities. ``bands`` are the points at which a card lets as many contacts into each band as
    the present rules do. ``drift`` is how far scores moved since the earlier part (PSI),
    ``base_ratio`` the share won beside what it was, both of contacts that did something lately;
    ``cost`` is what protected fields bring.
    """

    advice: Advice
    form: Literal["none", "corrections", "card"]
    wins: int
    contacts: int
    later_wins: int
    base: float
    rows: tuple[Proposed, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    gain: Figure | None = None
    calibration_error: float | None = None
    reliability: tuple[Told, ...] = ()
    bands: Mapping[str, int] = field(default_factory=dict)
    drift: float | None = None
    base_ratio: float | None = None
    volumes: tuple[Volume, ...] = ()
    thresholds: Thresholds | None = None
    cost: Cost | None = None
    differences: tuple[Difference, ...] = ()
    leaks: tuple[Leak, ...] = ()


def propose(
    known: AsOf,
    recent: AsOf,
    found: Sequence[Candidate],
    edges: Mapping[str, float],
    question: Question,
    late: Sequence[Leak] = (),
) -> Proposal:
    """What these contacts teach; ``edges`` are the points at which present bands begin.

    ``recent`` are the same contacts in each of the last weeks, of whom it is not known yet who is
    won; ``late`` are rules that are left out unless the ``question`` allows them.
    """
    earlier, later = _parts(known, question.horizon / timedelta(days=1))
    if earlier.table.wins < LEAST_WINS or not 0 < later.table.won.sum() < len(later.table):
        return _too_few(known.table)
    suspicious = _suspicious(earlier, late, question.allowed)
    left_out = [one.column for one in suspicious]
    earlier, later, recent = (one.without(left_out) for one in (earlier, later, recent))
    return _proposal(earlier, later, recent, found, edges, question.calls, suspicious)


def _proposal(
    earlier: AsOf,
    later: AsOf,
    recent: AsOf,
    found: Sequence[Candidate],
    edges: Mapping[str, float],
    calls: Sequence[int],
    suspicious: tuple[Leak, ...],
) -> Proposal:
    learned, test = learn_from(earlier), later.table
    score, base = learned.score(later), float(earlier.table.won.mean())
    over = gain(test.won, score, later.present, test.contacts)
    compared = comparisons(later, score)
    moved = drift(_active(learned, earlier), _active(learned, later))
    stopped = moved.level == "stopped"
    error, told = _told(learned, earlier.table.wins, test, score)
    return Proposal(
        advice(compared, over, learned.corrects),
        "corrections" if learned.corrects else "card",
        earlier.table.wins,
        len(np.unique(earlier.table.contacts)),
        test.wins,
        base,
        rows=proposed_rows(learned, earlier, {one.id: one for one in found}),
        comparisons=compared,
        gain=over,
        bands={} if learned.corrects else _bands(later.present, score, edges),
        calibration_error=error,
        reliability=told,
        drift=moved.psi,
        base_ratio=moved.ratio,
        volumes=volumes(test.won, score),
        thresholds=begin_at(test, score, recent.table, learned.score(recent), calls, stopped),
        cost=cost([one.id for one in found if one.trait], learned, earlier, later),
        leaks=suspicious,
    )


def _suspicious(earlier: AsOf, late: Sequence[Leak], allowed: frozenset[str]) -> tuple[Leak, ...]:
    found = {one.column: one for one in (*leaks(earlier.table), *late)}
    return tuple(one for name, one in found.items() if name not in allowed)


def _active(learned: Learned, part: AsOf) -> Seen:
    """Who did something lately: on a growing list ever more sleep, and that is no drift."""
    lately = part.take(part.recency > -_LATELY)
    points = learned.score(lately)[~lately.table.won]
    return Seen(points.tolist(), int(lately.table.won.sum()))


def _told(
    learned: Learned, wins: int, later: Table, score: Floats
) -> tuple[float | None, tuple[Told, ...]]:
    """What was said of the later contacts beside what came of it, if that may be said at all."""
    if wins < CALIBRATED_WINS:
        return None, ()
    likely = learned.card.probability(score)
    return calibration_error(later.won, likely), reliability(later.won, likely)


def _too_few(table: Table) -> Proposal:
    """The whole time is told, since nothing is proposed that would have to be tested."""
    told = differences(table) if 0 < table.won.sum() < len(table) else ()
    base = float(table.won.mean()) if len(table) else 0.0
    contacts = len(np.unique(table.contacts))
    return Proposal("too_few_wins", "none", table.wins, contacts, 0, base, differences=told)


def _parts(known: AsOf, horizon_days: float) -> tuple[AsOf, AsOf]:
    """The last fifth of the rows in time, and those whose horizon ended before it began."""
    moments = known.table.moments
    if not len(moments):
        return known, known
    cut = np.sort(moments)[int(len(moments) * 0.8)]
    return known.take(moments + horizon_days <= cut), known.take(moments >= cut)


def _bands(present: Floats, score: Floats, edges: Mapping[str, float]) -> dict[str, int]:
    ordered, found, last = np.sort(score)[::-1], {}, -(10**6)
    for band, enter in edges.items():
        above = int((present >= enter).sum())
        # At least as many as before: where many have the same points they enter together.
        least = ordered[above - 1] if above else ordered[0] + 1
        last = max(int(np.ceil(least)), last + 1)
        found[band] = last
    return found
