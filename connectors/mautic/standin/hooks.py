"""Webhooks as Mautic 6.0.3 sends them: signed, at most once, told apart by nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import requests

from connectors.signature import sign

from .php import encode
from .state import Event, Hook, Sent, StandIn

_BATCH = 10
# Mautic itself waits for ever: its webhook_timeout never reaches its HTTP client
_TIMEOUT = 60.0


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

    Rows are deleted before the status is looked at: a refused batch is lost, and its hook rests
    until the next run. Only when nobody answers do the rows stay.
    """
    with standin.lock:
        hooks = list(standin.hooks.values())
    return sum(_drain(standin, hook) for hook in hooks if hook.published)


def delivery_headers(standin: StandIn, signature: str) -> dict[str, str]:
    """What Mautic says about a delivery: no id, no attempt, no time."""
    return {
        "Content-Type": "application/json",
        "X-Origin-Base-URL": standin.site_url,
        "Webhook-Signature": signature,
    }


def _emit(standin: StandIn, events: Iterable[Event]) -> None:
    for event in events:
        with standin.lock:
            wanting = [hook for hook in standin.hooks.values() if _wants(hook, event)]
            if standin.queued:
                standin.queue.extend((hook.id, event) for hook in wanting)
                continue
        for hook in wanting:
            _deliver(standin, hook, [event])


def _wants(hook: Hook, event: Event) -> bool:
    return hook.published and f"mautic.{event.key}" in hook.triggers


def _drain(standin: StandIn, hook: Hook) -> int:
    tried = 0
    while batch := _next_rows(standin, hook):
        tried += 1
        status = _deliver(standin, hook, [row[1] for row in batch])
        if status is not None:
            with standin.lock:
                standin.queue = [row for row in standin.queue if all(row is not b for b in batch)]
        if status is None or not 200 <= status < 300:
            break
    return tried


def _next_rows(standin: StandIn, hook: Hook) -> list[tuple[int, Event]]:
    with standin.lock:
        rows = [row for row in standin.queue if row[0] == hook.id]
    return (rows[::-1] if hook.order == "DESC" else rows)[:_BATCH]


def _deliver(standin: StandIn, hook: Hook, events: list[Event]) -> int | None:
    body = _body(events)
    status = _post(standin, hook, body)
    with standin.lock:
        standin.sent.append(Sent(hook.id, body, status))
        if status == 410:
            hook.published = False
    return status


def _body(events: list[Event]) -> bytes:
    """Events grouped by type: the order between types is lost, only seconds remain."""
    grouped: dict[str, list[object]] = {}
    for event in events:
        grouped.setdefault(f"mautic.{event.key}", []).append(event.item)
    return encode(grouped)


def _post(standin: StandIn, hook: Hook, body: bytes) -> int | None:
    headers = {"User-Agent": "GuzzleHttp/7", **delivery_headers(standin, sign(body, hook.secret))}
    try:
        answer = requests.post(
            hook.url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
        )
    except requests.RequestException:
        return None
    return answer.status_code
