"""Polling: asks each platform what it recorded, whatever its webhook told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from connectors.activity import Reading
from connectors.contract import HistoryPage
from connectors.errors import AuthFailed, ConnectorError, Refused, Unsupported
from plugin.frames import frames
from plugin.lines import Limiters, Line, Lines
from plugin.runtime import Runtime
from plugin.services.backfill import backfill_due
from plugin.services.deliver import Jitter
from plugin.services.find_removals import find_removals_due
from plugin.services.reconcile import reconcile_due
from plugin.services.score import PASSING
from plugin.services.watch import watch_due
from plugin.storage import connections
from plugin.storage.connections import StoredConnection

#: How long a connection is left alone after a failure; the page itself waits longer each time.
_REST = timedelta(seconds=10)
#: … and when there is nothing to ask, by this version of the platform or the connector.
_LONG_REST = timedelta(hours=1)

_log = structlog.get_logger()


class PacedPast:
    """The records of a platform, each call waiting for its share of the budget."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def history(self, cursors: Mapping[str, str], limit: int) -> HistoryPage:
        """The records after the cursors."""
        return self._line.paced(self._line.session.history)(cursors, limit)

    def present_cursors(self) -> Mapping[str, str]:
        """Where the records stand now."""
        return self._line.paced(self._line.session.present_cursors)()

    def profiles(self, contacts: Sequence[str]) -> Reading:
        """What the platform now knows of these contacts."""
        return self._line.paced(self._line.session.profiles)(contacts)

    def gone(self, contacts: Sequence[str]) -> frozenset[str]:
        """Those of these contacts that the platform shows no more."""
        return self._line.paced(self._line.session.gone)(contacts)


class Poller:
    """Reads what is due of every platform that accepts us and whose connection is polled."""

    def __init__(self, runtime: Runtime, jitter: Jitter, limiters: Limiters | None = None) -> None:
        self._runtime = runtime
        self._jitter = jitter
        self._lines = Lines(runtime, limiters or Limiters(), jitter)
        self._resting: dict[int, datetime] = {}

    def poll_some(self) -> int:
        """One round over all connections; answers how many rows were read, 0 when none was due.

        Whatever goes wrong at one connection, even by a fault of ours, costs the others nothing.
        """
        rows, now = 0, self._runtime.clock()
        for source in self._lines.ready():
            if self._resting.get(source.id, now) <= now:
                rows += self._poll(source)
        return rows

    def close(self) -> None:
        """Close every session."""
        self._lines.close()

    def _poll(self, source: StoredConnection) -> int:
        rest = _REST
        try:
            return self._read(source)
        except PASSING:
            raise
        except AuthFailed as error:
            _log.error("authentication_failed", connection=source.name, status=error.status)
            with self._runtime.engine.begin() as connection:
                connections.set_state(connection, source.id, connections.NEEDS_AUTHENTICATION)
        except ConnectorError as error:
            rest = _LONG_REST if isinstance(error, Unsupported) else _REST
            _log.warning("platform_not_read", connection=source.name, why=str(error))
        except Exception as error:
            # No message: it may quote what a contact typed, or a secret.
            kind, where = type(error).__name__, frames(error)
            _log.error("polling_failed", connection=source.name, kind=kind, frames=where)
        self._resting[source.id] = self._runtime.clock() + rest
        return 0

    def _read(self, source: StoredConnection) -> int:
        runtime, line = self._runtime, self._lines.to(source)
        self._watch(line)
        if "poll" not in line.ingest:
            return 0
        past, limit = PacedPast(line), runtime.config.batch
        rows = 0 if source.mode == connections.WEBHOOK else self._reconcile(source, past, limit)
        # Last: by now reconciliation has begun, so that nothing falls in between.
        connector = runtime.manifest.connector
        read = backfill_due(
            runtime.engine, source, connector, past, limit, runtime.clock, self._jitter
        )
        return rows + (read.rows if read else 0)

    def _reconcile(self, source: StoredConnection, past: PacedPast, limit: int) -> int:
        runtime, connector = self._runtime, self._runtime.manifest.connector
        read = reconcile_due(
            runtime.engine, source, connector, past, limit, runtime.clock, self._jitter
        )
        with suppress(Unsupported):  # It tells removals, or never.
            find_removals_due(runtime.engine, source, past.gone, runtime.clock, self._jitter)
        return read.rows if read else 0

    def _watch(self, line: Line) -> None:
        check, now = line.paced(line.session.check_webhook), self._runtime.clock()
        try:
            found = watch_due(self._runtime.engine, line.source, check, now)
        except (Unsupported, Refused):
            return  # Not to be known, or not by our role: polling goes on all the same.
        if found is not None and not found.ok:
            _log.warning("webhook_at_fault", connection=line.source.name, why=found.detail)
