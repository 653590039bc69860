"""A contact's history in pages: what happened within a stretch of time, packed into few bytes.

A fold reads all of one contact and nothing else. As rows of their own fifty activities were 22 kB
and two thirds of the time of a recalculation; as a page they are 1.4 kB and one row. Where in the
history something belongs depends on when it happened, never on when it came: what comes late or
twice meets its page.
"""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import orjson

#: Since when the first page holds: earlier than anything.
BEGINNING = -(2**63)
#: A page of more items is divided: short enough to be packed anew with each activity, long enough
#: that what repeats is packed well.
_FULL = 32

#: An activity as a list, its moment (microseconds) and its id first.
PackedActivity = list[Any]
_when = itemgetter(0, 1)
_moment = itemgetter(0)


@dataclass(slots=True)
class Page:
    """Activities, and facts as moment, order and the number of what they say: mostly the same."""

    activities: list[PackedActivity] = field(default_factory=list)
    said: list[Mapping[str, Any]] = field(default_factory=list)
    facts: list[tuple[int, str, int]] = field(default_factory=list)


def unpacked(packed: bytes) -> Page:
    """The page in these bytes."""
    return Page(*orjson.loads(zlib.decompress(packed)))


def packed(page: Page) -> bytes:
    """The page as bytes, its items in order."""
    content = [sorted(page.activities, key=_when), page.said, sorted(page.facts, key=_when)]
    return zlib.compress(orjson.dumps(content), 1)


class Book:
    """All pages of one contact by when each begins; only those that are asked for are unpacked."""

    def __init__(self, stored: Mapping[int, bytes]) -> None:
        self._stored = stored
        self._begin = sorted(stored) or [BEGINNING]
        self._opened: dict[int, Page] = {}
        self._changed: set[int] = set()

    def activity(self, occurred_at: int, activity_id: str) -> PackedActivity:
        """An activity, which must be there."""
        kept = self._page(occurred_at).activities
        return next(one for one in kept if one[1] == activity_id)

    def put_activity(self, activity: PackedActivity) -> None:
        """Add an activity; that it is not there yet is the caller's to know."""
        self._page_to_change(activity[0]).activities.append(activity)

    def take_activity(self, occurred_at: int, activity_id: str) -> None:
        """Take an activity out, which must be there."""
        known = self.activity(occurred_at, activity_id)
        self._page_to_change(occurred_at).activities.remove(known)

    def put_fact(self, at: int, order: str, fields: Mapping[str, Any]) -> None:
        """Add what was said, if nothing was said with the same moment and order."""
        page = self._page(at)
        if any(known[0] == at and known[1] == order for known in page.facts):
            return
        # As texts, because Python holds that 1 equals true.
        said = orjson.dumps(fields)
        numbers = (number for number, one in enumerate(page.said) if orjson.dumps(one) == said)
        number = next(numbers, None)
        if number is None:
            number = len(page.said)
            page.said.append(fields)
        self._page_to_change(at).facts.append((at, order, number))

    def put_all(self, page: Page) -> None:
        """Add everything another page holds."""
        for activity in page.activities:
            self.put_activity(activity)
        for at, order, number in page.facts:
            self.put_fact(at, order, page.said[number])

    def changed(self) -> dict[int, bytes]:
        """The pages to be stored, by when they begin."""
        return {
            begin: packed(part)
            for first in self._changed
            for begin, part in _divided(first, self._opened[first], first == self._begin[-1])
        }

    def _page_to_change(self, moment: int) -> Page:
        self._changed.add(self._begin_of(moment))
        return self._page(moment)

    def _page(self, moment: int) -> Page:
        begin = self._begin_of(moment)
        if begin not in self._opened:
            stored = self._stored.get(begin)
            self._opened[begin] = Page() if stored is None else unpacked(stored)
        return self._opened[begin]

    def _begin_of(self, moment: int) -> int:
        return self._begin[bisect_right(self._begin, moment) - 1]


def _divided(begin: int, page: Page, last: bool) -> list[tuple[int, Page]]:
    moments = sorted(map(_moment, (*page.activities, *page.facts)))
    if len(moments) <= _FULL:
        return [(begin, page)]
    # Histories grow at their end: there a page is left full, elsewhere both halves get room.
    middle = moments[_FULL if last else len(moments) // 2]
    if middle == moments[0]:  # All at one moment: they are found by it, so they stay together.
        return [(begin, page)]
    early, late = Page(said=page.said), Page(said=page.said)
    for activity in page.activities:
        (early if activity[0] < middle else late).activities.append(activity)
    for fact in page.facts:
        (early if fact[0] < middle else late).facts.append(fact)
    return [*_divided(begin, _spare(early), False), *_divided(middle, _spare(late), last)]


def _spare(page: Page) -> Page:
    """Without what none of its facts says any more."""
    numbers = sorted({number for _, _, number in page.facts})
    renamed = {old: new for new, old in enumerate(numbers)}
    return Page(
        page.activities,
        [page.said[number] for number in numbers],
        [(at, order, renamed[number]) for at, order, number in page.facts],
    )
