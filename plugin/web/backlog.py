"""How much waits to be scored, and when that is too much to take in more."""

from __future__ import annotations

import time
from collections.abc import Callable

from plugin.storage.inbox import InboxFull


def admission(
    backlog: Callable[[], int],
    limit: int,
    *,
    seconds: float = 1.0,
    clock: Callable[[], float] = time.monotonic,
) -> Callable[[], None]:
    """A check for each delivery: raises ``InboxFull`` from ``limit`` waiting receipts on.

    The backlog is measured every ``seconds`` at most, so it may be passed by what comes meanwhile.
    """
    measured = (float("-inf"), 0)

    def admit() -> None:
        nonlocal measured
        now = clock()
        if now - measured[0] >= seconds:
            measured = (now, backlog())
        if measured[1] >= limit:
            raise InboxFull(f"{measured[1]} receipts wait to be scored, the limit is {limit}")

    return admit
