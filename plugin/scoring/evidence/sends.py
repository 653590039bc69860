"""Signatures of promptness: before a human can have seen the mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from connectors.activity import Activity

from .mail import Traffic, mail_of
from .verdict import Verdict, machine

_CLICK = timedelta(seconds=2)
_OPEN = timedelta(seconds=15)
#: A single opening is told from a human's only if it is faster than a mail travels.
_LONE_OPEN = timedelta(seconds=5)


def hasty(seen: Traffic) -> Iterator[tuple[Activity, Verdict]]:
    """A click less than 2 s after the send."""
    for clicks in seen.clicks.values():
        for touch in clicks:
            if (age := _age(seen, touch, _CLICK)) is not None and age < _CLICK:
                yield touch, machine("hasty", seconds=round(age.total_seconds()))


def prompt(seen: Traffic) -> Iterator[tuple[Activity, Verdict]]:
    """Every opening within 15 s of its send, again and again, and nothing else ever."""
    slowest = timedelta()
    for touch in seen.touches:
        age = _age(seen, touch, _OPEN) if touch.kind == "email_opened" else None
        if age is None:
            return
        slowest = max(slowest, age)
    mails = {mail_of(touch) for touch in seen.touches}
    if len(mails) > 1 or slowest <= _LONE_OPEN:
        verdict = machine("prompt", mails=len(mails), seconds=round(slowest.total_seconds()))
        yield from ((touch, verdict) for touch in seen.touches)


def _age(seen: Traffic, touch: Activity, most: timedelta) -> timedelta | None:
    """How long after its send a touch came, if no longer than ``most``."""
    sent, at = seen.sent(touch, most), touch.occurred_at
    return None if sent is None or sent > at or at - sent > most else at - sent
