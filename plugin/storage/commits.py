"""Group commit: many threads, one commit at a time, nobody answered before it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Crowded(Exception):
    """Too many are waiting already; nothing was stored."""


class GroupCommit(Generic[T]):
    """Leader and followers: whoever finds nobody storing stores everybody's waiting items.

    ``store(items)`` makes them durable together and returns the number of the first; the others
    follow it. What it raises is raised in every thread whose item was in that batch.
    """

    def __init__(self, store: Callable[[Sequence[T]], int], limit: int) -> None:
        self._store = store
        self._limit = limit
        self._gate = Lock()
        self._waiting: list[_Place[T]] = []
        self._led = False

    def append(self, item: T) -> int:
        """The item's number, once it is durable. Raises ``Crowded`` or what ``store`` raised."""
        place = _Place(item)
        if not self._enter(place):
            place.turn.acquire()
        if place.outcome is None:
            self._lead()
        if isinstance(place.outcome, int):
            return place.outcome
        assert place.outcome is not None, "a leader's own place is always in its batch"  # noqa: S101
        raise place.outcome

    def _enter(self, place: _Place[T]) -> bool:
        with self._gate:
            if len(self._waiting) >= self._limit:
                raise Crowded(f"{self._limit} are already waiting to be stored")
            self._waiting.append(place)
            leads, self._led = not self._led, True
        return leads

    def _lead(self) -> None:
        with self._gate:
            batch, self._waiting = self._waiting, []
        try:
            first = self._store([place.item for place in batch])
        except BaseException as error:
            # Also an interrupt: a follower never told would sleep for ever.
            self._settle(batch, [error] * len(batch))
        else:
            self._settle(batch, range(first, first + len(batch)))

    def _settle(self, batch: list[_Place[T]], outcomes: Sequence[int | BaseException]) -> None:
        for place, outcome in zip(batch, outcomes, strict=True):
            place.outcome = outcome
        # The next leader starts first, so that its disk works while the others answer.
        with self._gate:
            self._led = bool(self._waiting)
            successor = self._waiting[:1]
        for place in successor + batch:
            place.turn.release()


class _Place(Generic[T]):
    """One thread's place: it sleeps on ``turn`` until it is served, or has to lead (no outcome)."""

    __slots__ = ("item", "outcome", "turn")

    def __init__(self, item: T) -> None:
        self.item = item
        self.outcome: int | BaseException | None = None
        self.turn = Lock()
        self.turn.acquire()
