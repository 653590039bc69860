"""Sending: one open session per connected platform, at the pace its manifest allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog
from pyrate_limiter import Duration, Limiter, Rate

from connectors.contract import Session
from connectors.errors import AuthFailed, ConnectorError, Transient
from plugin.frames import frames
from plugin.runtime import Runtime
from plugin.services.act import Apply, act_batch, clear_up
from plugin.services.deliver import Jitter, deliver_batch, pause
from plugin.services.learn_forms import learn_forms
from plugin.services.settle_removals import settle_removals
from plugin.storage import connections
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading

_log = structlog.get_logger()
_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class _Line:
    source: StoredConnection
    session: Session
    limiter: Limiter
    batch: int


def _paced(limiter: Limiter, call: Callable[[_T], _R]) -> Callable[[_T], _R]:
    def paced(argument: _T) -> _R:
        limiter.try_acquire("call")
        return call(argument)

    return paced


class Sender:
    """Brings due deliveries and questions to every platform that accepts us."""

    def __init__(self, runtime: Runtime, jitter: Jitter) -> None:
        self._runtime = runtime
        self._jitter = jitter
        self._lines: dict[int, _Line] = {}
        self._resting: dict[int, datetime] = {}

    def send_some(self) -> int:
        """One round over all connections; answers how much was done, 0 when nothing was due.

        Whatever goes wrong at one connection, even by a fault of ours, costs the others nothing.
        """
        done = 0
        for source in self._ready():
            try:
                done += self._send(self._line(source))
            except AuthFailed as error:
                self._stop_line(source, error)
            except Exception as error:
                self._rest(source, error)
        return done

    def close(self) -> None:
        """Close every session."""
        for line in self._lines.values():
            line.session.close()
        self._lines.clear()

    def _ready(self) -> list[StoredConnection]:
        with for_reading(self._runtime.engine).begin() as connection:
            stored = connections.all_connections(connection, self._runtime.vault)
        now = self._runtime.clock()
        return [
            source
            for source in stored
            if source.state == connections.READY and self._resting.get(source.id, now) <= now
        ]

    def _send(self, line: _Line) -> int:
        engine, now = self._runtime.engine, self._runtime.clock()
        resolve = _paced(line.limiter, line.session.resolve)
        apply = _paced(line.limiter, line.session.apply)
        optional = _paced(line.limiter, line.session.optional_answers)
        done = settle_removals(engine, line.source, resolve, line.batch, now, self._jitter)
        done += deliver_batch(engine, line.source, apply, line.batch, now, self._jitter)
        done += self._act(line, apply, now)
        # Last: only rules about optional answers wait for it.
        return done + learn_forms(engine, line.source, optional, line.batch, now, self._jitter)

    def _act(self, line: _Line, apply: Apply, now: datetime) -> int:
        """After the scores, so that a mail finds the new one."""
        engine, language = self._runtime.engine, self._runtime.config.language
        clear_up(engine, line.source, line.session.was_done, language, now, self._jitter)
        return act_batch(engine, line.source, apply, line.batch, language, now, self._jitter)

    def _line(self, source: StoredConnection) -> _Line:
        line = self._lines.get(source.id)
        if line is None or line.source != source:
            if line is not None:
                line.session.close()
            connector = self._runtime.manifest.connector(source.connector)
            rates = connector.manifest["rates"]
            line = self._lines[source.id] = _Line(
                source,
                connector.open(source.settings),
                Limiter(Rate(rates["requests_per_second"], Duration.SECOND)),
                connector.manifest["batch_size"],
            )
        return line

    def _rest(self, source: StoredConnection, error: Exception) -> None:
        """Leave a platform in peace that can take nothing now; others are not concerned."""
        asked = error.retry_after if isinstance(error, Transient) else None
        wait = pause(0, asked, self._jitter)
        self._resting[source.id] = self._runtime.clock() + wait
        seconds = round(wait.total_seconds(), 1)
        log = _log.bind(connection=source.name, seconds=seconds)
        if isinstance(error, ConnectorError):
            log.warning("platform_rests", why=str(error))
        else:
            # No message: it may quote what a contact typed, or a secret.
            log.error("sending_failed", kind=type(error).__name__, frames=frames(error))

    def _stop_line(self, source: StoredConnection, error: AuthFailed) -> None:
        _log.error("authentication_failed", connection=source.name, status=error.status)
        with self._runtime.engine.begin() as connection:
            connections.set_state(connection, source.id, connections.NEEDS_AUTHENTICATION)
