"""One person whom several platforms know: their histories as one.

A pure function of what each platform told, so the order of arrival cannot change it, and taking a
history out again leaves no trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .history import MOMENT, History, Snapshot


def joined(histories: Mapping[str, History]) -> History:
    """The histories as one; each comes with what is put before the ids of its activities.

    Platforms number alike, so the marks must differ. Of a field the value counts that was told
    last by the platform that has one: who saves a contact without a telephone does not delete the
    number another knows. Lists, such as tags and do-not-contact channels, are put together.
    """
    activities = [
        one._replace(id=mark + one.id) if mark else one
        for mark, history in histories.items()
        for one in history.activities
    ]
    activities.sort(key=MOMENT)
    profile = _profile([history.profile for history in histories.values()])
    return History(tuple(activities), profile)


@dataclass(slots=True)
class _Source:
    """What one platform says at a moment, and since when it says each value."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    since: dict[str, datetime] = field(default_factory=dict)

    def say(self, snapshot: Snapshot) -> set[str]:
        """Take the next snapshot; answers the fields that it changes."""
        before, now = self.fields, snapshot.fields
        changed = {name for name in before.keys() | now if before.get(name) != now.get(name)}
        self.fields = now
        self.since.update(dict.fromkeys(changed, snapshot.at))
        return changed | (now.keys() - before)


def _profile(profiles: Sequence[Sequence[Snapshot]]) -> tuple[Snapshot, ...]:
    sources = [_Source() for _ in profiles]
    told = [(one.at, rank, one) for rank, profile in enumerate(profiles) for one in profile]
    merged: dict[str, Any] = {}
    snapshots: list[Snapshot] = []
    for at, rank, snapshot in sorted(told, key=lambda entry: entry[:2]):
        changed = sources[rank].say(snapshot)
        merged = {**merged, **{name: _value(name, sources) for name in changed}}
        if snapshots and snapshots[-1].at == at:
            snapshots.pop()
        if not snapshots or snapshots[-1].fields != merged:
            snapshots.append(Snapshot(at, merged))
    return tuple(snapshots)


def _value(name: str, sources: Sequence[_Source]) -> Any:
    knowing = [one for one in sources if one.fields.get(name) not in (None, "")]
    values = [one.fields[name] for one in knowing]
    if values and all(isinstance(value, list) for value in values):
        listed = [each for value in values for each in value]
        return [each for place, each in enumerate(listed) if each not in listed[:place]]
    # Of two told in one moment the first platform's.
    newest = max(knowing, key=lambda one: one.since[name], default=None)
    return None if newest is None else newest.fields[name]
