"""Human, machine or unknown: the verdict on each activity, from all that is known of a contact.

Verdicts depend on what happened and when, never on what arrived first: each new activity may
change those on others, and the ledger then reverses what was earned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeAlias

from connectors.activity import Activity, Evidence

from .bursts import BURSTS, farm, pair, parting, sweep
from .humans import humans
from .mail import Touch, Traffic, is_mail_borne, near, traffic
from .sends import hasty, prompt
from .tells import prefetch, proxy, trap
from .verdict import Verdict, machine

Signature: TypeAlias = Callable[[Traffic], Iterator[tuple[Touch, Verdict]]]

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
_MACHINE, _UNKNOWN = Evidence.MACHINE, Evidence.UNKNOWN
#: How far around a machine's hit everything else of the same mail is its own.
_REACH = timedelta(minutes=2)
#: Of openings alone: they say nothing of who follows a link at the same time.
_OF_OPENINGS = frozenset({"proxy", "prompt"})
_ANY_MAIL = "*"


@dataclass(frozen=True)
class Judged:
    """Activities as they are told, and the verdict on each of them by id, if there is one.

    What a connector said itself is kept and has no verdict.
    """

    told: tuple[Activity, ...]
    verdicts: Mapping[str, Verdict]

    @cached_property
    def activities(self) -> tuple[Activity, ...]:
        """The activities with their evidence."""
        found = ((one, self.verdicts.get(one.id)) for one in self.told)
        return tuple(
            one if verdict is None else replace(one, evidence=verdict.evidence, proof=verdict.proof)
            for one, verdict in found
        )


def machines(verdicts: Mapping[str, Verdict]) -> frozenset[str]:
    """The ids of what machines did."""
    return frozenset([id for id, one in verdicts.items() if one.evidence is _MACHINE])


def judge(activities: tuple[Activity, ...], traps: Collection[str] = ()) -> Judged:
    """Judge activities sorted by ``(occurred_at, id)``; ``traps`` are links no reader can see."""
    signatures = [*([trap(traps)] if traps else ()), *SIGNATURES.values()]
    return Judged(activities, _verdicts(activities, traffic(activities), signatures))


def catching(traps: Collection[str]) -> Callable[[tuple[Activity, ...]], Judged]:
    """A function that finds machines as ``judge`` does and leaves humans unknown.

    It is what most scorecards need, and mostly finds nobody: it costs a fraction of a judgement.
    """
    signatures = [*([trap(traps)] if traps else ()), *SIGNATURES.values()]

    def caught(activities: tuple[Activity, ...]) -> Judged:
        seen = traffic(activities)
        if not seen.touches or not _caught(seen, signatures):
            return Judged(activities, {})
        verdicts = _verdicts(activities, seen, signatures)
        return Judged(activities, {id: verdicts[id] for id in machines(verdicts)})

    return caught


def settles_at(activity: Activity, settle: timedelta) -> datetime | None:
    """Until when a judged activity is provisional; None for one that is not, or proven human."""
    if activity.evidence is Evidence.HUMAN or not is_mail_borne(activity):
        return None
    return activity.occurred_at + settle


def _caught(seen: Traffic, signatures: Sequence[Signature]) -> dict[str, Verdict]:
    caught = {
        touch.activity.id: machine("told")
        for touch in seen.touches
        if touch.activity.evidence is _MACHINE
    }
    for signature in signatures:
        if seen.hurried or signature not in BURSTS:
            for touch, verdict in signature(seen):
                caught.setdefault(touch.activity.id, verdict)
    return caught


def _verdicts(
    activities: Sequence[Activity], seen: Traffic, signatures: Sequence[Signature]
) -> dict[str, Verdict]:
    verdicts = _caught(seen, signatures) if seen.touches else {}
    for id, verdict in list(humans(activities, seen, verdicts, _REACH)):
        verdicts.setdefault(id, verdict)
    for touch in _companions(seen, verdicts):
        verdicts[touch.activity.id] = machine("companion")
    if verdicts:
        for id in [one.id for one in activities if one.evidence is not _UNKNOWN]:
            verdicts.pop(id, None)
    return verdicts


def _companions(seen: Traffic, verdicts: Mapping[str, Verdict]) -> list[Touch]:
    """What came of the same mail around a machine's hit, unless a human proved to have done it.

    Leaving names no mail, so it goes with any.
    """
    hits: defaultdict[str | None, list[datetime]] = defaultdict(list)
    for touch in seen.touches:
        verdict = verdicts.get(touch.activity.id)
        if verdict and verdict.evidence is _MACHINE and verdict.proof not in _OF_OPENINGS:
            hits[_ANY_MAIL].append(touch.at)
            if touch.mail is not None:
                hits[touch.mail].append(touch.at)
    return [
        touch
        for touch in (seen.touches if hits else ())
        if touch.activity.id not in verdicts and near(hits.get(_of(touch), ()), touch.at, _REACH)
    ]


def _of(touch: Touch) -> str | None:
    return _ANY_MAIL if touch.activity.kind == "unsubscribed" else touch.mail
