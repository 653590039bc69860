"""Which session of a contact a moment belongs to: half an hour of silence ends one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from connectors.activity import Evidence

from ..history import History

#: The gap that web statistics use, and Mautic's own for a visit.
GAP = timedelta(minutes=30)

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_MACHINE = Evidence.MACHINE
_NOT_THEIRS = frozenset({"email_sent", "bounced", "contact_identified", "outcome_recorded"})


def sessions(history: History) -> Callable[[datetime], int]:
    """The number of the session that a moment is in, from all that one contact did.

    Everything the contact does keeps its session open, not only what a rule counts; what the
    platform or a machine did does not.
    """
    starts = list(_starts(history))
    return lambda moment: bisect_right(starts, moment)


def _starts(history: History) -> Iterator[datetime]:
    machines = history.machines
    ends = _LONG_AGO
    for activity in history.activities:
        if (
            activity.kind in _NOT_THEIRS
            or activity.evidence is _MACHINE
            or (machines and activity.id in machines)
        ):
            continue
        moment = activity.occurred_at
        if moment >= ends:
            yield moment
        ends = moment + GAP
