"""Human, machine or unknown: the verdict on each activity, from all that is known of a contact.

Verdicts depend on what happened and when, never on what arrived first: each new activity may
change those on others, and the ledger then reverses what was earned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from types import MappingProxyType
from typing import TypeAlias

from connectors.activity import Activity, Evidence

from .bursts import BURSTS, farm, pair, parting, sweep
from .humans import humans
from .mail import Traffic, is_mail_borne, mail_of, near, traffic
from .sends import hasty, prompt
from .tells import prefetch, proxy, trap
from .verdict import Verdict, machine

Signature: TypeAlias = Callable[[Traffic], Iterator[tuple[Activity, Verdict]]]

#: What machines do. The first that fits an activity is the proof that is told.
SIGNATURES: Mapping[str, Signature] = {
    "prefetch": prefetch,
    "proxy": proxy,
    "sweep": sweep,
    "farm": farm,
    "parting": parting,
    "pair": pair,
    "hasty": hasty,
    "prompt": prompt,
}
_NOBODY: Mapping[str, Verdict] = MappingProxyType({})
_MACHINE, _UNKNOWN = Evidence.MACHINE, Evidence.UNKNOWN
#: How far around a machine's hit everything else of the same mail is its own.
_REACH = timedelta(minutes=2)
#: Of openings alone: they say nothing of who follows a link at the same time.
_OF_OPENINGS = frozenset({"proxy", "prompt"})
_ANY_MAIL = "*"


@dataclass(frozen=True)
class Judged:
    """Activities as they are told, and who did them as far as it is known.

    ``machines`` are the verdicts on those that machines were caught with, by id. What a connector
    said itself is kept and has no verdict. ``prove`` finds the humans, when somebody asks.
    """

    told: tuple[Activity, ...]
    machines: Mapping[str, Verdict]
    prove: Callable[[], Mapping[str, Verdict]] = field(repr=False, compare=False)

    @cached_property
    def humans(self) -> Mapping[str, Verdict]:
        """The verdicts on what humans are proven to have done. Few rules ask, so few pay."""
        return self.prove()

    @cached_property
    def verdicts(self) -> Mapping[str, Verdict]:
        """The verdict on each of them by id, if there is one."""
        return {**self.humans, **self.machines}

    @cached_property
    def activities(self) -> tuple[Activity, ...]:
        """The activities with their evidence."""
        found = ((one, self.verdicts.get(one.id)) for one in self.told)
        return tuple(
            one if verdict is None else one._replace(evidence=verdict.evidence, proof=verdict.proof)
            for one, verdict in found
        )


def judge(activities: tuple[Activity, ...], traps: Collection[str] = ()) -> Judged:
    """Judge activities sorted by ``(occurred_at, id)``; ``traps`` are links no reader can see."""
    return judging(traps)(activities)


def judging(traps: Collection[str]) -> Callable[[tuple[Activity, ...]], Judged]:
    """A function that judges as ``judge`` does, made once for many contacts."""
    signatures = [*([trap(traps)] if traps else ()), *SIGNATURES.values()]
    slow = [one for one in signatures if one not in BURSTS]

    def judged(activities: tuple[Activity, ...]) -> Judged:
        seen = traffic(activities)
        caught = _caught(seen, signatures if seen.hurried else slow) if seen.touches else {}
        if not caught:  # as most are: nothing has a machine for a companion
            return Judged(activities, caught, partial(_proven, seen))
        people = _proven(seen, caught)
        for touch in _companions(seen, caught, people):
            caught[touch.id] = machine("companion")
        return Judged(activities, _unless(_told(activities), caught), lambda: people)

    return judged


def settles_at(activity: Activity, settle: timedelta) -> datetime | None:
    """Until when a judged activity is provisional; None for one that is not, or proven human."""
    if activity.evidence is Evidence.HUMAN or not is_mail_borne(activity):
        return None
    return activity.occurred_at + settle


def _caught(seen: Traffic, signatures: Iterable[Signature]) -> dict[str, Verdict]:
    caught = {touch.id: machine("told") for touch in seen.touches if touch.evidence is _MACHINE}
    for signature in signatures:
        for touch, verdict in signature(seen):
            caught.setdefault(touch.id, verdict)
    return caught


def _proven(seen: Traffic, machines: Mapping[str, Verdict] = _NOBODY) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    for id, verdict in humans(seen, machines, _REACH):
        found.setdefault(id, verdict)
    return _unless(machines.keys() | _told(seen.activities), found)


def _unless(ids: Container[str], verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    return {id: verdict for id, verdict in verdicts.items() if id not in ids}


def _told(activities: Iterable[Activity]) -> set[str]:
    """The ids of those of which a connector said itself who did them."""
    return {one.id for one in activities if one.evidence is not _UNKNOWN}


def _companions(
    seen: Traffic, caught: Mapping[str, Verdict], people: Mapping[str, Verdict]
) -> list[Activity]:
    """What came of the same mail around a machine's hit, unless a human proved to have done it.

    Leaving names no mail, so it goes with any.
    """
    hits: defaultdict[str | None, list[datetime]] = defaultdict(list)
    for touch in seen.touches:
        verdict = caught.get(touch.id)
        if verdict is not None and verdict.proof not in _OF_OPENINGS:
            hits[_ANY_MAIL].append(touch.occurred_at)
            if (mail := mail_of(touch)) is not None:
                hits[mail].append(touch.occurred_at)
    return [
        touch
        for touch in seen.touches
        if touch.id not in caught
        and touch.id not in people
        and near(hits.get(_of(touch), ()), touch.occurred_at, _REACH)
    ]


def _of(touch: Activity) -> str | None:
    return _ANY_MAIL if touch.kind == "unsubscribed" else mail_of(touch)
