"""Which session of a contact a moment belongs to: half an hour of silence ends one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from connectors.activity import Activity, Evidence

#: The gap that web statistics use, and Mautic's own for a visit.
GAP = timedelta(minutes=30)

_NOT_THEIRS = frozenset({"email_sent", "bounced", "contact_identified", "outcome_recorded"})


def sessions(activities: Iterable[Activity]) -> Callable[[datetime], int]:
    """The number of the session that a moment is in, from all that one contact did, in order.

    Everything the contact does keeps its session open, not only what a rule counts; what the
    platform or a machine did does not.
    """
    starts = list(_starts(activities))
    return lambda moment: bisect_right(starts, moment)


def _starts(activities: Iterable[Activity]) -> Iterator[datetime]:
    last: datetime | None = None
    for activity in activities:
        if activity.kind in _NOT_THEIRS or activity.evidence is Evidence.MACHINE:
            continue
        if last is None or activity.occurred_at - last >= GAP:
            yield activity.occurred_at
        last = activity.occurred_at
