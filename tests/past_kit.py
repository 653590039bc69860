"""A platform's own records for tests: a list that only grows, read by its position."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from connectors.activity import Activity, BrokenItem, Item, Origin, ProfileChange, Reading, Removal
from connectors.contract import HistoryPage
from connectors.errors import ConnectorError
from tests.builders import visit


class Records:
    """What a session tells of the past. ``known`` are profiles by contact; others are gone.

    ``fails`` is raised by the next call, once. ``asked`` lists the contacts asked about.
    """

    def __init__(self, *items: Item, known: Mapping[str, Mapping[str, str]] | None = None) -> None:
        self.items: list[Item] = list(items)
        self.broken: list[BrokenItem] = []
        self.known = dict(known or {})
        self.asked: list[str] = []
        self.fails: ConnectorError | None = None
        self.told_at = datetime.fromisoformat("2026-03-01T00:00:00+00:00")

    def history(self, cursors: Mapping[str, str], limit: int) -> HistoryPage:
        self._fail()
        start = int(cursors.get("next", 0))
        end = min(start + limit, len(self.items))
        return HistoryPage(
            reading=Reading(items=tuple(self.items[start:end]), broken=tuple(self.broken)),
            cursors={"next": str(end)},
            caught_up=end == len(self.items),
            rows=end - start,
            remaining=len(self.items) - end,
        )

    def present_cursors(self) -> Mapping[str, str]:
        self._fail()
        return {"next": str(len(self.items))}

    def profiles(self, contacts: Sequence[str]) -> Reading:
        self.asked += contacts
        return Reading(items=tuple(self._profile(one) for one in contacts))

    def gone(self, contacts: Sequence[str]) -> frozenset[str]:
        self._fail()
        return frozenset(contacts) - self.known.keys()

    def _profile(self, contact: str) -> Item:
        if contact not in self.known:
            return Removal(contact, self.told_at)
        return ProfileChange(contact, self.told_at, "poll", self.known[contact])

    def _fail(self) -> None:
        if self.fails is not None:
            failing, self.fails = self.fails, None
            raise failing


def seen(
    contact: str, path: str = "/", day: float = 1, hour: int = 12, minute: int = 0
) -> Activity:
    """A page view as a poll tells it."""
    told = visit(path, day, minute=minute, id=f"hit:{contact}:{path}:{day}.{minute}")
    return told._replace(contact=contact, origin=Origin.POLL)
