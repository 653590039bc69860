"""What a fold yields: lines that hold for every moment, and what was not counted.

A score needs no lines, only how many points were earned when; so what was earned is kept as it
was found, and lines are made of it for those who ask. Named tuples because there are millions: a
frozen dataclass of this size takes four times as long to make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from connectors.activity import Activity

from .decay import Decay
from .scorecard import Rule

_NOW = timedelta()
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


#: What an explanation tells of one earning: the activities that count, reason and parameters.
Told: TypeAlias = tuple[tuple[str, ...], str, Mapping[str, Any]]


class Earnings(NamedTuple):
    """What one rule earned: its points, once at the moment of each activity of ``at``, by time.

    ``told`` tells of each of them in the same order, ``skipped`` of what earned nothing; both are
    for those who ask for lines, and a score needs none.
    """

    rule: Rule
    at: Sequence[Activity]
    told: Callable[[], Iterable[Told]]
    skipped: Callable[[], Iterable[Skipped]] = tuple

    def lines(self) -> Iterator[Line]:
        """The ledger lines of these earnings."""
        rule = self.rule
        id, group, dimension, points, decay = (
            rule.id,
            rule.group,
            rule.dimension,
            rule.points,
            rule.decay,
        )
        for activity, (counted, reason, params) in zip(self.at, self.told(), strict=True):
            moment = activity.occurred_at
            yield Line(id, group, dimension, points, decay, moment, None, counted, reason, params)


class Worth(NamedTuple):
    """What one rule's earnings have left at a moment: the ages of those that were earned by
    then, and the micro-points of all together."""

    rule: Rule
    ages: Sequence[timedelta]
    left: int


class Folding:
    """Everything a scorecard says of one history, in the order of its rules, then by time.

    ``earned`` is what rules earned and ``held`` every other line. ``lines`` and ``skipped`` tell
    of them; they are made when they are first asked for.
    """

    def __init__(
        self,
        held: Iterable[Line],
        skipped: Iterable[Skipped] = (),
        earned: Sequence[Earnings] = (),
    ) -> None:
        self.earned = earned
        self.held = tuple(held)
        self._skipped = skipped
        self._worth: tuple[datetime, list[Worth]] | None = None

    def worth(self, at: datetime) -> list[Worth]:
        """What the earnings of each rule are worth at ``at``; who asks again is told the same."""
        if self._worth is None or self._worth[0] != at:
            self._worth = (at, [_worth(one, at) for one in self.earned])
        return self._worth[1]

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Every line, those of earned rules first."""
        earned = [line for one in self.earned for line in one.lines()]
        return (*earned, *self.held)

    @cached_property
    def skipped(self) -> tuple[Skipped, ...]:
        """What matched a rule and was not counted."""
        return tuple(self._skipped)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Folding):
            return NotImplemented
        return (self.lines, self.skipped) == (other.lines, other.skipped)

    __hash__ = None  # type: ignore[assignment]


def _worth(one: Earnings, at: datetime) -> Worth:
    rule, earned = one.rule, one.at
    ages = [at - activity.occurred_at for activity in earned]
    if earned and earned[-1].occurred_at > at:
        ages = [age for age in ages if age >= _NOW]
    return Worth(rule, ages, rule.decay.left(rule.points, ages))
