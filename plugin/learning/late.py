"""Fields that are filled in because somebody was won: they tell the past, not the future.

Nothing of them is known on the days asked about, so that as-of reading alone leaves the few who
filled them early, and these mislead.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from .candidates import Candidate
from .case import Case
from .leaks import Leak

#: Share of the winners whose field was empty until they were won; and winners to say so.
_SHARE, _LEAST = 0.5, 5


def late_fields(cases: Iterable[Case]) -> dict[str, float]:
    """The fields that most winners got only at the win or after it, with the share of these."""
    late: Counter[str] = Counter()
    known: Counter[str] = Counter()
    for case in cases:
        if case.outcome is None or case.outcome.result != "won":
            continue
        seen: set[str] = set()
        for snapshot in case.past.profile:
            filled = {name for name, value in snapshot.fields.items() if value not in (None, "")}
            known.update(filled - seen)
            late.update(filled - seen if snapshot.at >= case.outcome.at else ())
            seen |= filled
    shares = {name: late[name] / count for name, count in known.items() if count >= _LEAST}
    return {name: share for name, share in shares.items() if share > _SHARE}


def late_leaks(found: Sequence[Candidate], late: dict[str, float]) -> tuple[Leak, ...]:
    """The candidates that ask such a field."""
    return tuple(
        Leak(one.id, "late", late[one.field])
        for one in found
        if one.field is not None and one.field in late
    )
