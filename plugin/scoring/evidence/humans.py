"""Proofs that a human is there: typing, reading on, coming back."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from connectors.activity import Activity

from .mail import TYPED, Touch, Traffic, is_sign, near, told
from .verdict import Verdict, human

_WHEN = attrgetter("occurred_at")
_HAS_TYPED = human("typed")
_READING = timedelta(seconds=5)
_SESSION = timedelta(minutes=30)


def humans(
    activities: Sequence[Activity],
    seen: Traffic,
    machines: Mapping[str, Verdict],
    reach: timedelta,
) -> Iterator[tuple[str, Verdict]]:
    """The ids of activities that a human did; the first verdict of an id is the one to take.

    A device that a machine was caught with proves nothing.
    """
    yield from [(one.id, _HAS_TYPED) for one in seen.signs if one.kind in TYPED]
    rest = [touch for touch in seen.touches if touch.activity.id not in machines]
    if not rest:
        return
    caught = {_device(touch.activity) for touch in seen.touches if touch.activity.id in machines}
    caught.discard(None)
    signs = [one for one in seen.signs if _device(one) not in caught] if caught else seen.signs
    asked = {_device(touch.activity) for touch in rest} - caught
    asked.discard(None)
    devices = _devices(asked, activities) if asked else {}
    proven: list[Touch] = []
    for touch in rest:
        proof = devices.get(_device(touch.activity)) or _followed(touch, signs)
        if proof is not None:
            proven.append(touch)
            yield touch.activity.id, human(proof)
    yield from _beside(rest, [touch for touch in proven if not touch.is_open], reach)


def _devices(
    asked: Collection[str | None], activities: Sequence[Activity]
) -> dict[str | None, str]:
    """Those of the devices asked about that a human uses, each with its first proof."""
    last_view: dict[str, datetime] = {}
    first_sign: dict[str, datetime] = {}
    proofs: dict[str | None, str] = {}
    for one in activities:
        if one.kind != "page_viewed" and one.kind not in TYPED:
            continue
        device = _device(one)
        if device is None or device not in asked:
            continue
        if is_sign(one):
            if one.kind in TYPED:
                proofs.setdefault(device, "typed")
            before = last_view.get(device)
            if before is not None and _READING <= one.occurred_at - before <= _SESSION:
                proofs.setdefault(device, "reading")
            first = first_sign.setdefault(device, one.occurred_at)
            if first.date() != one.occurred_at.date() and one.occurred_at - first > _SESSION:
                proofs.setdefault(device, "return")
            if len(proofs) == len(asked):
                break
        if one.kind == "page_viewed":
            last_view[device] = one.occurred_at
    return proofs


def _followed(touch: Touch, signs: Sequence[Activity]) -> str | None:
    """Somebody typed or read on in the same session, as far as is known on the same device."""
    own = _device(touch.activity)
    first = bisect_left(signs, touch.at, key=_WHEN)
    last = bisect_right(signs, touch.at + _SESSION, key=_WHEN)
    for sign in signs[first:last]:
        if own == (_device(sign) or own) or own is None:
            if sign.kind in TYPED:
                return "typed"
            if sign.occurred_at - touch.at >= _READING:
                return "reading"
    return None


def _beside(
    touches: Sequence[Touch], hits: Sequence[Touch], reach: timedelta
) -> Iterator[tuple[str, Verdict]]:
    """Who follows a link of a mail has opened it, and what came with the hit is of the same hand.

    Only openings may lie further off: a hit of another moment may be another's.
    """
    by_mail: defaultdict[str, list[datetime]] = defaultdict(list)
    for hit in hits:
        if hit.mail is not None:
            by_mail[hit.mail].append(hit.at)
    for touch in touches:
        moments = by_mail.get(touch.mail or "", ())
        deviceless = touch.is_open or _device(touch.activity) is None
        if moments and deviceless and (touch.is_open or near(moments, touch.at, reach)):
            yield touch.activity.id, human("hit")


def _device(activity: Activity) -> str | None:
    return told(activity, "tracking")
