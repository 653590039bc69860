"""From how many points on it is worth beginning: for so many calls a week, or so many wins."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from plugin.scoring.capacity import Rise, filling, risen, rising

from .measures import Figure, thresholds, with_interval
from .table import Flags, Floats, Table

_PRECISIONS = (0.1, 0.2, 0.3, 0.5, 0.7)
_SHARES = (0.02, 0.05, 0.1, 0.2, 0.3)
_WEEK = 7


@dataclass(frozen=True, slots=True)
class Volume:
    """How many of the later contacts stand at ``least`` points or above, and how many were won."""

    least: float
    contacts: int
    won: float


@dataclass(frozen=True, slots=True)
class Threshold:
    """``least`` whole points, for what was ``asked``: calls a week, or a share won.

    ``a_week`` is how many contacts rose to it in each of the last weeks, ``precision`` the share
    of the later contacts at or above it that were won; ``None`` where nobody is.
    """

    asked: float
    least: int
    a_week: float
    precision: Figure | None


@dataclass(frozen=True, slots=True)
class Thresholds:
    """By calls a week and by the share won. Where scores moved too far, those by calls stop."""

    capacity: tuple[Threshold, ...]
    precision: tuple[Threshold, ...]
    stopped: bool


def volumes(won: Flags, score: Floats) -> tuple[Volume, ...]:
    """For some shares of the contacts the points from which on so many stand."""
    found: dict[float, Volume] = {}
    for share in _SHARES:
        least = float(np.sort(score)[::-1][max(int(len(score) * share) - 1, 0)])
        above = score >= least
        found[least] = Volume(least, int(above.sum()), float(won[above].mean()))
    return tuple(found.values())


def begin_at(
    later: Table,
    score: Floats,
    recent: Table,
    recent_score: Floats,
    calls: Iterable[int],
    stopped: bool,
) -> Thresholds:
    """Thresholds for so many ``calls`` a week, and for shares won that are reached.

    ``recent`` has a row for each contact and week: its scores say how many rise, the ``later`` ones
    how many of these are won. It is ``stopped`` to follow them where they moved too far.
    """
    weeks = float(np.ptp(recent.moments)) / _WEEK if len(recent) else 0.0
    rose = risen(_rises(recent, recent_score)) if weeks else {}

    def threshold(asked: float, least: int) -> Threshold:
        reached = bool((score >= least).any())
        share = with_interval(_share_from(least), later.won, score, later.contacts)
        a_week = rising(rose, least) / weeks if weeks else 0.0
        return Threshold(asked, least, a_week, share if reached else None)

    filled = {} if stopped else {one: filling(rose, one * weeks) for one in calls}
    precise = thresholds(later.won, np.floor(score), _PRECISIONS)
    return Thresholds(
        tuple(threshold(asked, least) for asked, least in filled.items() if least is not None),
        tuple(threshold(asked, int(least)) for asked, least in precise.items()),
        stopped,
    )


def _share_from(least: int) -> Callable[[Flags, Floats], float]:
    def share(won: Flags, score: Floats) -> float:
        above = score >= least
        return float(won[above].mean()) if above.any() else 0.0

    return share


def _rises(recent: Table, score: Floats) -> list[Rise]:
    first = recent.moments == recent.moments.min()
    before = _best(recent, score, first)
    return [Rise(before.get(one), best) for one, best in _best(recent, score, ~first).items()]


def _best(recent: Table, score: Floats, rows: Flags) -> Mapping[int, float]:
    best: dict[int, float] = {}
    pairs = zip(recent.contacts[rows].tolist(), score[rows].tolist(), strict=True)
    for contact, points in pairs:
        best[contact] = max(points, best.get(contact, points))
    return best
