"""Mautic's history piece by piece: which table is next, and how far each one was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from ..activity import Activity, BrokenItem, Item, Origin, Reading, Removal
from ..contract import HistoryPage
from ..errors import AuthFailed, Transient, Unsupported
from .feeds import FEEDS, HITS, LEAVES, OPENS, Feed
from .people import contacts_named
from .readers import Platform, contacts, load
from .schemas import Contact
from .tables import Condition, Page, Row

_CONTACT = Contact()
#: Entries of one step of a walk that goes round.
_STEP = 100
_NEXT = "next"
#: The status of a missing right; refused credentials have another.
_FORBIDDEN = 403
_DATE = "%Y-%m-%d %H:%M:%S"
#: A row may be committed after one with a higher id. Younger ones are read again the next time.
_COMMITS = timedelta(seconds=30)


def read_history(
    platform: Platform, cursors: Mapping[str, str], limit: int, now: datetime
) -> HistoryPage:
    """See ``connectors.contract.Session.history``; ``now`` is by our clock.

    Tables are read in turn, one of them as long as it has more. With nothing new it takes a
    request for each table. A table that this Mautic does not have is passed over; one that our
    role may not read is counted, and read on from the same place when it may.
    """
    step = _Step(platform, _begun(platform, cursors), now)
    for feed in _in_turn(cursors.get(_NEXT)):
        if step.new >= limit:
            return step.page(feed, None)
        remaining = step.read(feed, limit - step.new)
        if remaining:
            return step.page(feed, remaining)
    if len(step.forbidden) == len(FEEDS):
        raise step.forbidden[-1]  # It is not about rights: the API may be off.
    return step.page(FEEDS[0], 0, caught_up=True)


def present_cursors(platform: Platform) -> dict[str, str]:
    """Where every table ends now. Raises ``Transient``, ``AuthFailed``, ``Refused``.

    Of one that our role may not read nothing is said: it is read from the start when it may.
    """
    forbidden: list[AuthFailed] = []
    cursors: dict[str, str] = {}
    for feed in FEEDS:
        try:
            cursors[feed.name] = _newest(platform, feed)
        except AuthFailed as error:
            forbidden.append(_of_a_right(error))
    if not any(feed.name in cursors for feed in FEEDS if not feed.round):
        raise forbidden[-1]
    return cursors


def read_profiles(platform: Platform, ids: Sequence[str]) -> Reading:
    """See ``connectors.contract.Session.profiles``."""
    items: list[Item] = []
    broken: list[BrokenItem] = []
    for page, gone in contacts_named(platform.client, ids):
        loaded, wrong = load("contacts", _CONTACT, page.rows)
        items += contacts(platform, loaded, page.at)
        items += [Removal(contact, page.at) for contact in sorted(gone, key=int)]
        broken += wrong
    return Reading(tuple(map(_polled, items)), tuple(broken))


class _Step:
    """What one call has read so far."""

    def __init__(self, platform: Platform, cursors: Mapping[str, str], now: datetime) -> None:
        self._platform = platform
        self._cursors = dict(cursors)
        self._now = now
        self._items: list[Item] = []
        self._broken: list[BrokenItem] = []
        self._ignored: Counter[str] = Counter()
        self._rows = 0
        #: Why feeds could not be read: our role lacks a right.
        self.forbidden: list[AuthFailed] = []
        #: Rows of the walks that end, but for those to be read again; going round never ends.
        self.new = 0

    def read(self, feed: Feed, limit: int) -> int:
        """Read on in this feed; answers how many rows it still has to be read now."""
        try:
            return self._read(feed, limit)
        except AuthFailed as error:
            self.forbidden.append(_of_a_right(error))
            self._ignored[f"no right to read {feed.source}"] += 1
            return 0

    def _read(self, feed: Feed, limit: int) -> int:
        after = self._cursors.get(feed.name, "0")
        page = self._page(feed, after, min(limit, _STEP) if feed.round else limit)
        found = [row for row in page.rows if _id(feed, row) > int(after)]
        loaded, broken = load(feed.source, feed.schema, found)
        # A row of nobody: its contact was deleted.
        known = [row for row in loaded if "lead" in row or "lead" not in feed.schema.fields]
        # All or nothing: names of pages or assets that our role may not see hold the feed.
        self._items += list(feed.read(self._platform, known, page.at))
        passed = _committed(feed, found, page.at)
        if not feed.behind:  # else it was told when the row was read first
            ids = {_id(feed, row) for row in passed}
            self._broken += [one for one in broken if one.index in ids]
        self._ignored[feed.source] += len(loaded) - len(known)
        self._rows += len(page.rows)
        self.new += 0 if feed.round else len(passed)
        self._move(feed, passed, page.remaining)
        return page.remaining if passed and not feed.round else 0

    def page(self, following: Feed, remaining: int | None, caught_up: bool = False) -> HistoryPage:
        """All of it, and the feed that the next call begins with."""
        reading = Reading(
            tuple(map(_polled, self._items)), tuple(self._broken), dict(+self._ignored)
        )
        cursors = self._cursors | {_NEXT: following.name}
        return HistoryPage(reading, cursors, caught_up, self._rows, remaining)

    def _page(self, feed: Feed, after: str, limit: int) -> Page:
        conditions: list[Condition] = [("id", "gt", after)]
        if feed.behind:
            until = (self._now - feed.behind).strftime(_DATE)
            conditions.append((feed.dated, "lt", until))
        try:
            return feed.page(self._platform.client, conditions, limit)
        except Unsupported:
            self._ignored[f"no table {feed.source}"] += 1
            return Page((), 0, self._now)

    def _move(self, feed: Feed, found: Sequence[Row], remaining: int) -> None:
        before = self._cursors.get(feed.name, "0")
        if feed.round and not remaining:
            self._cursors[feed.name] = "0"
        elif found:
            self._cursors[feed.name] = str(max(_id(feed, row) for row in found))
        if feed is HITS:
            for later in LEAVES:
                if self._cursors.get(later.name, "0") == before:
                    self._cursors |= _settled(later, found, self._now)


def _of_a_right(error: AuthFailed) -> AuthFailed:
    """The error again, of one right that our role lacks; raises one about our credentials."""
    if error.status != _FORBIDDEN:
        raise error
    return error


def _committed(feed: Feed, found: Sequence[Row], now: datetime) -> list[Row]:
    """The rows up to the first that was written just now; a date nobody can read holds nothing."""
    start, end = ((now + shift).strftime(_DATE) for shift in (-_COMMITS, _COMMITS))
    return list(takewhile(lambda row: not start <= str(row.get(feed.dated)) <= end, found))


def _settled(later: Feed, found: Sequence[Row], now: datetime) -> dict[str, str]:
    """How far hits were so old when they were first read that there is no need to look again."""
    until = (now - later.behind).strftime(_DATE)
    old = list(takewhile(lambda row: str(row.get(later.dated)) < until, found))
    return {later.name: str(_id(later, old[-1]))} if old else {}


def _begun(platform: Platform, cursors: Mapping[str, str]) -> Mapping[str, str]:
    """A back-fill leaves the opens until now to the mails, which it is going to read."""
    if cursors:
        return cursors
    try:
        return {OPENS.name: _newest(platform, OPENS)}
    except AuthFailed as error:
        _of_a_right(error)
        return {}


def _newest(platform: Platform, feed: Feed) -> str:
    try:
        return feed.newest(platform.client)
    except Unsupported:
        return "0"


def _in_turn(first: str | None) -> Iterator[Feed]:
    names = [feed.name for feed in FEEDS]
    start = names.index(first) if first in names else 0
    return iter(FEEDS[start:] + FEEDS[:start])


def _id(feed: Feed, row: Row) -> int:
    id = str(row.get("id"))
    if not id.isdecimal():
        raise Transient(f"{feed.source}: a row without an id")
    return int(id)


def _polled(item: Item) -> Item:
    return item._replace(origin=Origin.POLL) if isinstance(item, Activity) else item
