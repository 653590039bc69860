"""What is true from when to when: a value that changes at moments, told as its stretches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from ..lines import Line
from ..scorecard import Rule


def stretches(
    changes: Iterable[tuple[datetime, int]],
) -> Iterator[tuple[int, datetime, datetime | None]]:
    """Each value other than 0 with its start and its end.

    ``changes`` are ordered by time; of several at one moment the last one counts. Neighbours of
    the same value are one stretch, and the last stretch has no end.
    """
    value, start = 0, None
    last = dict(changes)
    if not any(last.values()):
        return
    for at, new in last.items():
        if new == value:
            continue
        if value and start is not None:
            yield value, start, at
        value, start = new, at
    if value and start is not None:
        yield value, start, None


def held(
    rule: Rule,
    start: datetime,
    end: datetime | None,
    reason: str,
    params: Mapping[str, Any],
    points: int | None = None,
) -> Line:
    """The line of a held rule for one stretch; its own points unless told otherwise."""
    return Line(
        rule.id,
        rule.group,
        rule.dimension,
        rule.points if points is None else points,
        rule.decay,
        start,
        end,
        (),
        reason,
        params,
    )
