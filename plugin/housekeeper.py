"""Housekeeping: deletes what is old, and warns before a limit is reached."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import structlog

from plugin.room import little_room
from plugin.runtime import Runtime
from plugin.services.reports import refresh_due
from plugin.services.retain import expire_some
from plugin.storage.engine import for_reading

#: Receipts deleted at once: a moment's wait for the receiver. Every few seconds that is millions
#: a day.
_STEP = 1_000
#: Between two warnings of the same thing.
_REPEATED = timedelta(minutes=10)

_log = structlog.get_logger()


class Housekeeper:
    """Does a small step each time it is asked."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._warned: dict[str, datetime] = {}

    def keep_house(self) -> int:
        """Delete what is old, refresh reports, look at the limits. Answers 0: it never hurries."""
        runtime = self._runtime
        days, now = runtime.config.retention_days, runtime.clock()
        expire_some(runtime.inbox, runtime.engine, days, _STEP, now)
        refresh_due(runtime.engine, now)
        for event, detail in self._troubles():
            if now - self._warned.get(event, now - _REPEATED) >= _REPEATED:
                self._warned[event] = now
                _log.warning(event, detail=detail)
        return 0

    def _troubles(self) -> Iterator[tuple[str, str]]:
        config = self._runtime.config
        if (why := little_room(config)) is not None:
            yield "disk_nearly_full", why
        with for_reading(self._runtime.engine).begin() as connection:
            waiting = self._runtime.inbox.waiting(connection, config.backlog_limit)
        if waiting >= config.backlog_limit / 2:
            yield "backlog_long", f"{waiting} receipts wait, the limit is {config.backlog_limit}"
