"""Which session of a contact a moment belongs to: half an hour of silence ends one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

from connectors.activity import Evidence

from ..history import History

#: The gap that web statistics use, and Mautic's own for a visit.
GAP = timedelta(minutes=30)

_MACHINE = Evidence.MACHINE
_NOT_THEIRS = frozenset({"email_sent", "bounced", "contact_identified", "outcome_recorded"})


def sessions(history: History) -> Callable[[datetime], int]:
    """The number of the session that a moment is in, from all that one contact did.

    Everything the contact does keeps its session open, not only what a rule counts; what the
    platform or a machine did does not.
    """
    machines = history.machines
    moments = [
        one.occurred_at
        for one in history.activities
        if one.kind not in _NOT_THEIRS
        and one.evidence is not _MACHINE
        and not (machines and one.id in machines)
    ]
    starts = moments[:1]
    starts += [later for moment, later in pairwise(moments) if later - moment >= GAP]
    return lambda moment: bisect_right(starts, moment)
