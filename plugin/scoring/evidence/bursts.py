"""Signatures of speed: more links or more addresses in a few seconds than a hand can manage."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple

from .mail import Touch, Traffic, told
from .verdict import Verdict, machine

_PAIR = timedelta(seconds=3)
_SWEEP = timedelta(seconds=10)
_FARM = timedelta(seconds=30)
_PARTING = timedelta(seconds=60)
_WHEN = attrgetter("at")
_ADDRESSES = ("ip", "tracking")


class _Burst(NamedTuple):
    """Touches of one run, how many different keys the run has, and the seconds it took."""

    touches: Sequence[Touch]
    different: int
    seconds: int


def pair(seen: Traffic) -> Iterator[tuple[Touch, Verdict]]:
    """Two different links of one mail at most 3 s apart."""
    for clicks in seen.clicks.values():
        for burst in _bursts(clicks, _PAIR, _link, 2):
            yield from _all(burst.touches, "pair", seconds=burst.seconds)


def sweep(seen: Traffic) -> Iterator[tuple[Touch, Verdict]]:
    """Four or more different links of one mail within 10 s."""
    for clicks in seen.clicks.values():
        for burst in _bursts(clicks, _SWEEP, _link, 4):
            yield from _all(burst.touches, "sweep", links=burst.different, seconds=burst.seconds)


def farm(seen: Traffic) -> Iterator[tuple[Touch, Verdict]]:
    """Three or more addresses for one contact within 30 s.

    Mautic's webhooks tell no IP address; there the device stands for it.
    """
    for name in _ADDRESSES:
        if len({told(touch.activity, name) for touch in seen.touches}) < 3:
            continue
        known = [touch for touch in seen.touches if told(touch.activity, name)]
        for burst in _bursts(known, _FARM, partial(_address, name), 3):
            yield from _all(burst.touches, "farm", addresses=burst.different, seconds=burst.seconds)


def parting(seen: Traffic) -> Iterator[tuple[Touch, Verdict]]:
    """The unsubscribe link and a link of the body within 60 s, from different addresses."""
    if not any(map(_leaves, seen.touches)):
        return
    placed = [touch for touch in seen.touches if not touch.is_open and _is_placed(touch)]
    for one in filter(_leaves, placed):
        first = bisect_left(placed, one.at - _PARTING, key=_WHEN)
        last = bisect_right(placed, one.at + _PARTING, key=_WHEN)
        for other in placed[first:last]:
            if not _leaves(other) and _elsewhere(one, other):
                seconds = round(abs(other.at - one.at).total_seconds())
                yield from _all((one, other), "parting", seconds=seconds)


#: Signatures that need two touches within a minute.
BURSTS = frozenset({pair, sweep, farm, parting})


def _bursts(
    touches: Sequence[Touch], within: timedelta, key: Callable[[Touch], Any], least: int
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
        while touch.at - touches[start].at > within:
            oldest = key(touches[start])
            keys[oldest] -= 1
            if not keys[oldest]:
                del keys[oldest]
            start += 1
        longest = end + 1 == len(touches) or touches[end + 1].at - touches[start].at > within
        if longest and len(keys) >= least:
            seconds = round((touch.at - touches[start].at).total_seconds())
            yield _Burst(touches[max(start, covered) : end + 1], len(keys), seconds)
            covered = end + 1


def _all(burst: Iterable[Touch], proof: str, **params: Any) -> Iterator[tuple[Touch, Verdict]]:
    verdict = machine(proof, **params)
    return ((touch, verdict) for touch in burst)


def _link(touch: Touch) -> str | None:
    return touch.link


def _is_placed(touch: Touch) -> bool:
    return any(told(touch.activity, name) for name in _ADDRESSES)


def _leaves(touch: Touch) -> bool:
    if touch.link is None:
        return touch.activity.kind == "unsubscribed"
    return "unsubscribe" in touch.link.casefold()


def _elsewhere(one: Touch, other: Touch) -> bool:
    for name in _ADDRESSES:
        here, there = told(one.activity, name), told(other.activity, name)
        if here and there:
            return here != there
    return False


def _address(name: str, touch: Touch) -> str | None:
    return told(touch.activity, name)
