"""What a fold yields: lines that hold for every moment, and what was not counted.

Lines are named tuples because a recalculation makes millions of them: a frozen dataclass of
this size takes four times as long to make.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from .decay import Decay

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Line(NamedTuple):
    """One ledger line. It contributes ``points × decay`` from ``valid_from`` until ``valid_to``.

    Points are micro-points, moments aware UTC; ``valid_to`` is exclusive and ``None`` while the
    line holds. ``reason`` is a key of the string catalogue, filled with ``params``. ``since`` is
    set on a line that holds again later than it began: its points have decayed since then.
    """

    rule: str
    group: str
    dimension: str
    points: int
    decay: Decay
    valid_from: datetime
    valid_to: datetime | None
    activities: tuple[str, ...]
    reason: str
    params: Mapping[str, Any] = _NOTHING
    since: datetime | None = None

    @property
    def began(self) -> datetime:
        """The moment the points belong to, from which they decay."""
        return self.valid_from if self.since is None else self.since


class Skipped(NamedTuple):
    """An activity that matched a rule and earned nothing, with the reason key.

    It is true from ``valid_from`` (``None``: ever since ``at``) until ``valid_to``.
    """

    rule: str
    activity: str
    at: datetime
    reason: str
    params: Mapping[str, Any] = _NOTHING
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether this is to be told of that moment."""
        start = self.at if self.valid_from is None else max(self.at, self.valid_from)
        return start <= moment and (self.valid_to is None or moment < self.valid_to)


def earned_at(lines: Iterable[Line]) -> list[datetime]:
    """When each earning of one rule began to count; one that consent interrupted is still one."""
    began: dict[tuple[datetime, tuple[str, ...]], datetime] = {}
    for line in lines:
        key = line.began, line.activities
        began[key] = min(line.valid_from, began.get(key, line.valid_from))
    return [began[key] for key in sorted(began)]


@dataclass(frozen=True, slots=True)
class Folding:
    """Everything a scorecard says of one history, in the order of its rules, then by time."""

    lines: tuple[Line, ...]
    skipped: tuple[Skipped, ...] = ()
