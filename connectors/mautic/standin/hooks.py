"""Webhooks as Mautic sends them: signed, at most once, told apart by nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from .php import encode
from .posting import deliver
from .state import Event, Hook, StandIn

_BATCH = 10
_RETRY = timedelta(hours=1)


@contextmanager
def changing(standin: StandIn) -> Iterator[list[Event]]:
    """Hold the state; afterwards deliver the collected events, without the lock.

    The receiver may call our API while it is being told, as with the real one.
    """
    events: list[Event] = []
    with standin.lock:
        yield events
    _emit(standin, events)


def process_queue(standin: StandIn) -> int:
    """What the cron job does in queued mode; gives the number of deliveries tried.

    In 4 to 6 rows are deleted before the status is looked at: a refused batch is lost, and its
    hook rests until the next run. Only when nobody answers do the rows stay.
    """
    with standin.lock:
        hooks = [hook for hook in standin.hooks.values() if not _rests(standin, hook)]
    return sum(_drain(standin, hook) for hook in hooks)


def _emit(standin: StandIn, events: Iterable[Event]) -> None:
    for event in events:
        with standin.lock:
            wanting = [hook for hook in standin.hooks.values() if _wants(hook, event)]
            if standin.queued:
                standin.queue.extend((hook.id, event) for hook in wanting)
                continue
        for hook in wanting:
            deliver(standin, hook, _body([event]))


def _wants(hook: Hook, event: Event) -> bool:
    return hook.published and f"mautic.{event.key}" in hook.triggers


def _rests(standin: StandIn, hook: Hook) -> bool:
    return not hook.published or (hook.rests_until or "") > standin.now()


def _drain(standin: StandIn, hook: Hook) -> int:
    tried = 0
    while hook.published and (batch := _next_rows(standin, hook)):
        tried += 1
        status = deliver(standin, hook, _body([row[1] for row in batch]))
        good = status is not None and 200 <= status < 300
        if good or not (status is None or _keeps_refused(standin, hook)):
            with standin.lock:
                standin.queue = [row for row in standin.queue if all(row is not b for b in batch)]
        if not good:
            break
    return tried


def _keeps_refused(standin: StandIn, hook: Hook) -> bool:
    """Whether a refused batch stays; from 7 on its hook rests an hour before it is tried again."""
    if standin.has("retries_after_an_hour"):
        rest = standin.clock() + _RETRY
        hook.rests_until = rest.isoformat(timespec="seconds")
        return True
    return standin.has("retries_at_the_next_run")


def _next_rows(standin: StandIn, hook: Hook) -> list[tuple[int, Event]]:
    with standin.lock:
        rows = [row for row in standin.queue if row[0] == hook.id]
    return (rows[::-1] if hook.order == "DESC" else rows)[:_BATCH]


def _body(events: list[Event]) -> bytes:
    """Events grouped by type: the order between types is lost, only seconds remain."""
    grouped: dict[str, list[object]] = {}
    for event in events:
        grouped.setdefault(f"mautic.{event.key}", []).append(event.item)
    return encode(grouped)
