"""What a contact did and was: all the input of a score, in an order arrival cannot change."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

from connectors.activity import Activity

#: The one order of activities.
MOMENT = attrgetter("occurred_at", "id")
_AT = attrgetter("at")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The profile from ``at`` until the next snapshot: every known field."""

    at: datetime
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProfileFact:
    """One recorded change of a profile; ``order`` decides between facts of the same moment."""

    at: datetime
    order: str
    fields: Mapping[str, Any]


@dataclass(frozen=True)
class History:
    """A contact's activities sorted by ``(occurred_at, id)`` and its profile over time.

    A field that was ever known is part of every later snapshot. ``machines`` are the ids of
    activities that machines were caught with.
    """

    activities: tuple[Activity, ...]
    profile: tuple[Snapshot, ...]
    machines: Container[str] = frozenset()

    @cached_property
    def telling(self) -> Mapping[str, Sequence[Snapshot]]:
        """For each field the snapshots that tell something new of it: the rest need no look."""
        found: dict[str, list[Snapshot]] = {}
        before: Mapping[str, Any] = {}
        for snapshot in self.profile:
            fields = snapshot.fields
            for name, value in fields.items():
                # Facts are merged over one another: what they do not tell is the same object.
                if name not in before or before[name] is not value:
                    found.setdefault(name, []).append(snapshot)
            before = fields
        return found

    def telling_any(self, names: Sequence[str]) -> Sequence[Snapshot]:
        """The snapshots that tell something new of at least one of these fields, in order."""
        known = [told for name in names if (told := self.telling.get(name))]
        if len(known) < 2:
            return known[0] if known else ()
        return sorted({one.at: one for told in known for one in told}.values(), key=_AT)


def history(activities: Iterable[Activity], facts: Iterable[ProfileFact]) -> History:
    """Bring activities and profile facts, given in any order and any number of times, in order.

    Of several versions of one activity the one that tells most counts, whichever came last. Two
    facts with the same ``at`` and ``order`` must be the same fact.
    """
    told = list(activities)
    unique = {activity.id: activity for activity in told}
    if len(unique) < len(told):
        for activity in told:
            known = unique[activity.id]
            if known is not activity and known != activity:
                unique[activity.id] = max(known, activity, key=_telling)
    ordered = sorted(unique.values(), key=MOMENT)
    return History(tuple(ordered), profile(facts))


def profile(facts: Iterable[ProfileFact]) -> tuple[Snapshot, ...]:
    """Merge facts into snapshots, one for each moment at which something changed."""
    merged: dict[str, Any] = {}
    snapshots: list[Snapshot] = []
    for fact in sorted(facts, key=lambda fact: (fact.at, fact.order)):
        merged = {**merged, **fact.fields}
        if snapshots and snapshots[-1].at == fact.at:
            snapshots.pop()
        if not snapshots or snapshots[-1].fields != merged:
            snapshots.append(Snapshot(fact.at, merged))
    return tuple(snapshots)


def fields_at(profile: Sequence[Snapshot], at: datetime) -> Mapping[str, Any]:
    """What was known at a moment; nothing before the first snapshot."""
    return next((one.fields for one in reversed(profile) if one.at <= at), {})


def is_identified(fields: Mapping[str, Any]) -> bool:
    """Whether a profile is of a known contact, not of a visitor."""
    return bool(fields.get("email") or fields.get("date_identified"))


def _telling(activity: Activity) -> tuple[int, str]:
    attributes = sorted(activity.attributes.items())
    return len(attributes), repr((activity._replace(attributes={}), attributes))
