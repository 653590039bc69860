"""Sending: what is due at each platform, and the questions to it."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import structlog

from connectors.errors import AuthFailed, ConnectorError, Transient
from plugin.frames import frames
from plugin.lines import Limiters, Line, Lines
from plugin.runtime import Runtime
from plugin.services.act import Apply, act_batch, clear_up
from plugin.services.deliver import Jitter, deliver_batch, pause
from plugin.services.judge import verdict_links
from plugin.services.learn_forms import learn_forms
from plugin.services.reasons import page_links, reasons_for_sales
from plugin.services.settle_removals import settle_removals
from plugin.storage import connections
from plugin.storage.connections import StoredConnection

_log = structlog.get_logger()

#: What takes requests one by one is done so many at a time: scores are not kept waiting behind
#: fifty of them at five requests a second, nor is a worker that was asked to end.
_ONE_BY_ONE = 5


class Sender:
    """Brings due deliveries and questions to every platform that accepts us."""

    def __init__(self, runtime: Runtime, jitter: Jitter, limiters: Limiters | None = None) -> None:
        self._runtime = runtime
        self._jitter = jitter
        self._lines = Lines(runtime, limiters or Limiters(), jitter)
        self._resting: dict[int, datetime] = {}

    def send_some(self) -> int:
        """One round over all connections; answers how much was done, 0 when nothing was due.

        Whatever goes wrong at one connection, even by a fault of ours, costs the others nothing.
        """
        done = 0
        for source in self._ready():
            try:
                done += self._send(self._lines.to(source))
            except AuthFailed as error:
                self._stop_line(source, error)
            except Transient as error:
                # The line has noted that it rests.
                _log.warning("platform_rests", connection=source.name, why=str(error))
            except Exception as error:
                self._rest(source, error)
        return done

    def close(self) -> None:
        """Close every session."""
        self._lines.close()

    def _ready(self) -> list[StoredConnection]:
        now = self._runtime.clock()
        return [one for one in self._lines.ready() if self._resting.get(one.id, now) <= now]

    def _send(self, line: Line) -> int:
        engine, now = self._runtime.engine, self._runtime.clock()
        resolve = line.paced(line.session.resolve)
        apply = line.paced(line.session.apply)
        optional = line.paced(line.session.optional_answers)
        done = settle_removals(engine, line.source, resolve, _ONE_BY_ONE, now, self._jitter)
        clock = self._runtime.clock
        done += deliver_batch(engine, line.source, apply, line.batch, clock, self._jitter)
        done += self._act(line, apply, now)
        # Last: only rules about optional answers wait for it.
        return done + learn_forms(engine, line.source, optional, _ONE_BY_ONE, now, self._jitter)

    def _act(self, line: Line, apply: Apply, now: datetime) -> int:
        """After the scores, so that a mail finds the new one."""
        runtime, engine = self._runtime, self._runtime.engine
        was_done = line.paced(line.session.was_done)
        link = verdict_links(runtime.vault, runtime.config.public_url, runtime.clock)
        page = page_links(runtime.config.public_url)
        tell = partial(reasons_for_sales, language=runtime.config.language, link=link, page=page)
        clear_up(engine, line.source, was_done, tell, now, self._jitter)
        return act_batch(engine, line.source, apply, _ONE_BY_ONE, tell, now, self._jitter)

    def _rest(self, source: StoredConnection, error: Exception) -> None:
        """Leave a connection alone for a moment after what no waiting mends, or a fault of ours."""
        self._resting[source.id] = self._runtime.clock() + pause(0, None, self._jitter)
        log = _log.bind(connection=source.name)
        if isinstance(error, ConnectorError):
            log.warning("platform_rests", why=str(error))
        else:
            # No message: it may quote what a contact typed, or a secret.
            log.error("sending_failed", kind=type(error).__name__, frames=frames(error))

    def _stop_line(self, source: StoredConnection, error: AuthFailed) -> None:
        _log.error("authentication_failed", connection=source.name, status=error.status)
        with self._runtime.engine.begin() as connection:
            connections.set_state(connection, source.id, connections.NEEDS_AUTHENTICATION)
