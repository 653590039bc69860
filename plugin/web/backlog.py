"""When too much waits, or too little room is left, to take in more."""

from __future__ import annotations

import time
from collections.abc import Callable

from plugin.config import Config
from plugin.room import no_room
from plugin.storage.inbox import InboxFull


def overload(config: Config, backlog: Callable[[], int]) -> Callable[[], list[str]]:
    """Tells why no delivery can be taken in now; nothing while it can."""

    def reasons() -> list[str]:
        waiting, found = backlog(), []
        if waiting >= config.backlog_limit:
            found.append(
                f"{waiting} receipts wait to be scored, the limit is {config.backlog_limit}"
            )
        if (why := no_room(config)) is not None:
            found.append(why)
        return found

    return reasons


def admission(
    overload: Callable[[], list[str]],
    *,
    seconds: float = 1.0,
    clock: Callable[[], float] = time.monotonic,
) -> Callable[[], None]:
    """A check for each delivery: raises ``InboxFull`` while there are reasons to take in no more.

    They are looked for every ``seconds`` at most, so a limit may be passed by what comes meanwhile.
    """
    looked_at = float("-inf")
    reasons: list[str] = []

    def admit() -> None:
        nonlocal looked_at, reasons
        now = clock()
        if now - looked_at >= seconds:
            looked_at, reasons = now, overload()
        if reasons:
            raise InboxFull("; ".join(reasons))

    return admit
