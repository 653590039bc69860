"""Signatures of speed: more links or more addresses in a few seconds than a hand can manage."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

from connectors.activity import Activity

from .mail import Traffic, link_of, told
from .verdict import Verdict, machine

_PAIR = timedelta(seconds=3)
_SWEEP = timedelta(seconds=10)
_FARM = timedelta(seconds=30)
_PARTING = timedelta(seconds=60)
_WHEN = attrgetter("occurred_at")
_ADDRESSES = ("ip", "tracking")


class _Burst(NamedTuple):
    """Touches of one run, how many different keys the run has, and the seconds it took."""

    touches: Sequence[Activity]
    different: int
    seconds: int


def pair(seen: Traffic) -> Iterator[tuple[Activity, Verdict]]:
    """Two different links of one mail at most 3 s apart."""
    for clicks in seen.clicks.values():
        for burst in _bursts(clicks, _PAIR, link_of, 2):
            yield from _all(burst.touches, "pair", seconds=burst.seconds)


def sweep(seen: Traffic) -> Iterator[tuple[Activity, Verdict]]:
    """Four or more different links of one mail within 10 s."""
    for clicks in seen.clicks.values():
        for burst in _bursts(clicks, _SWEEP, link_of, 4):
            yield from _all(burst.touches, "sweep", links=burst.different, seconds=burst.seconds)


def farm(seen: Traffic) -> Iterator[tuple[Activity, Verdict]]:
    """Three or more addresses for one contact within 30 s.

    Mautic's webhooks tell no IP address; there the device stands for it.
    """
    moments = [touch.occurred_at for touch in seen.touches]
    if not any(
        [third - first <= _FARM for first, third in zip(moments, moments[2:], strict=False)]
    ):
        return
    for name in _ADDRESSES:
        known = [touch for touch in seen.touches if told(touch, name)]
        for burst in _bursts(known, _FARM, partial(_address, name), 3):
            yield from _all(burst.touches, "farm", addresses=burst.different, seconds=burst.seconds)


def parting(seen: Traffic) -> Iterator[tuple[Activity, Verdict]]:
    """The unsubscribe link and a link of the body within 60 s, from different addresses."""
    hits = [touch for touch in seen.touches if touch.kind != "email_opened"]
    if len(hits) < 2 or not any(map(_leaves, hits)):
        return
    placed = [one for one in hits if _is_placed(one)]
    for one in filter(_leaves, placed):
        first = bisect_left(placed, one.occurred_at - _PARTING, key=_WHEN)
        last = bisect_right(placed, one.occurred_at + _PARTING, key=_WHEN)
        for other in placed[first:last]:
            if not _leaves(other) and _elsewhere(one, other):
                seconds = round(abs(other.occurred_at - one.occurred_at).total_seconds())
                yield from _all((one, other), "parting", seconds=seconds)


#: Signatures that need two touches within a minute.
BURSTS = frozenset({pair, sweep, farm, parting})


def _bursts(
    touches: Sequence[Activity], within: timedelta, key: Callable[[Activity], Any], least: int
) -> Iterator[_Burst]:
    """Every longest run no longer than ``within`` with ``least`` different keys.

    Each touch comes once, with the first run it belongs to: a flood costs no more than its length.
    """
    if len(touches) < least:
        return
    start = covered = 0
    keys: Counter[Any] = Counter()
    for end, touch in enumerate(touches):
        keys[key(touch)] += 1
        while touch.occurred_at - touches[start].occurred_at > within:
            oldest = key(touches[start])
            keys[oldest] -= 1
            if not keys[oldest]:
                del keys[oldest]
            start += 1
        began, following = touches[start].occurred_at, touches[end + 1 : end + 2]
        longest = not following or following[0].occurred_at - began > within
        if longest and len(keys) >= least:
            seconds = round((touch.occurred_at - began).total_seconds())
            yield _Burst(touches[max(start, covered) : end + 1], len(keys), seconds)
            covered = end + 1


def _all(
    burst: Iterable[Activity], proof: str, **params: Any
) -> Iterator[tuple[Activity, Verdict]]:
    verdict = machine(proof, **params)
    return ((touch, verdict) for touch in burst)


def _is_placed(touch: Activity) -> bool:
    return any(told(touch, name) for name in _ADDRESSES)


def _leaves(touch: Activity) -> bool:
    link = link_of(touch)
    return touch.kind == "unsubscribed" if link is None else "unsubscribe" in link.casefold()


def _elsewhere(one: Activity, other: Activity) -> bool:
    for name in _ADDRESSES:
        here, there = told(one, name), told(other, name)
        if here and there:
            return here != there
    return False


def _address(name: str, touch: Activity) -> str | None:
    return told(touch, name)
