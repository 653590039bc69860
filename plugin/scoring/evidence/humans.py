"""Proofs that a human is there: typing, reading on, coming back."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from operator import attrgetter

from connectors.activity import Activity

from .mail import TYPED, Traffic, is_sign, mail_of, near, told
from .verdict import Verdict, human

_WHEN = attrgetter("occurred_at")
_HAS_TYPED = human("typed")
_READING = timedelta(seconds=5)
_SESSION = timedelta(minutes=30)


def humans(
    seen: Traffic, machines: Mapping[str, Verdict], reach: timedelta
) -> Iterator[tuple[str, Verdict]]:
    """The ids of activities that a human did; the first verdict of an id is the one to take.

    A device that a machine was caught with proves nothing.
    """
    yield from [(one.id, _HAS_TYPED) for one in seen.signs if one.kind in TYPED]
    rest = [touch for touch in seen.touches if touch.id not in machines]
    if not rest:
        return
    caught = {_device(touch) for touch in seen.touches if touch.id in machines}
    caught.discard(None)
    signs = [one for one in seen.signs if _device(one) not in caught] if caught else seen.signs
    asked = {_device(touch) for touch in rest} - caught
    asked.discard(None)
    devices = _devices(asked, seen.activities) if asked else {}
    hits: list[Activity] = []
    first = 0
    for touch in rest:
        first = bisect_left(signs, touch.occurred_at, first, key=_WHEN)
        proof = devices.get(_device(touch)) or _followed(touch, islice(signs, first, None))
        if proof is not None:
            yield touch.id, human(proof)
            if touch.kind != "email_opened":
                hits.append(touch)
    if hits:
        yield from _beside(rest, hits, reach)


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


def _followed(touch: Activity, signs: Iterable[Activity]) -> str | None:
    """Somebody typed or read on in the same session, as far as is known on the same device.

    ``signs`` are those since the touch.
    """
    own = _device(touch)
    for sign in signs:
        if (after := sign.occurred_at - touch.occurred_at) > _SESSION:
            break
        if own is None or own == (_device(sign) or own):
            if sign.kind in TYPED:
                return "typed"
            if after >= _READING:
                return "reading"
    return None


def _beside(
    touches: Sequence[Activity], hits: Sequence[Activity], reach: timedelta
) -> Iterator[tuple[str, Verdict]]:
    """Who follows a link of a mail has opened it, and what came with the hit is of the same hand.

    Only openings may lie further off: a hit of another moment may be another's.
    """
    by_mail: defaultdict[str, list[datetime]] = defaultdict(list)
    for hit in hits:
        if (mail := mail_of(hit)) is not None:
            by_mail[mail].append(hit.occurred_at)
    for touch in touches:
        moments = by_mail.get(mail_of(touch) or "", ())
        if touch.kind == "email_opened":
            fits = bool(moments)
        else:
            fits = _device(touch) is None and near(moments, touch.occurred_at, reach)
        if fits:
            yield touch.id, human("hit")


def _device(activity: Activity) -> str | None:
    return told(activity, "tracking")
