"""Lines: an open session with each platform, at the pace its manifest allows and it bears.

Threads share a limiter; processes tell each other that they speak, and take equal parts.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from threading import Lock
from typing import ParamSpec, TypeVar

from connectors.commands import Outcome
from connectors.contract import Session
from connectors.errors import ConnectorError, Transient
from plugin.runtime import Runtime
from plugin.services.deliver import Jitter
from plugin.services.pace import note_answer, note_failure
from plugin.storage import connections, paces, speakers
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import OUT_OF_REACH, for_reading
from plugin.storage.paces import Pace

_P = ParamSpec("_P")
_R = TypeVar("_R")


#: Seconds over which a budget holds: a page of history is a dozen requests, then none for long.
_STRETCH = 5


class Limiter:
    """Lets so many requests a second pass, from however many threads; the others wait.

    ``per_second`` may be changed at any time.
    """

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.per_second = per_second
        self._clock, self._sleep = clock, sleep
        self._gate = Lock()
        self._passed: deque[float] = deque(maxlen=1_000)
        #: When it was noted that this process speaks with the platform.
        self.spoke_at: datetime | None = None

    def wait(self) -> None:
        """Wait for a turn: no stretch of five seconds has more than its share of requests."""
        per_second = self.per_second
        together = max(1, int(per_second * _STRETCH))
        with self._gate:
            turn = now = self._clock()
            if len(self._passed) >= together:
                turn = max(now, self._passed[-together] + together / per_second)
            self._passed.append(turn)
        self._sleep(turn - now)


class Limiters:
    """The limiter of each connection, shared by all who speak with its platform."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._limiters: dict[int, Limiter] = {}
        #: Names this process among those that speak with a platform.
        self.speaker = token_hex(8)

    def of(self, source: StoredConnection, per_second: float) -> Limiter:
        """The limiter of the connection, whose platform allows so much at most."""
        # Atomic: of two threads that ask at once both get the same.
        return self._limiters.setdefault(source.id, Limiter(per_second, sleep=self._sleep))


@dataclass(frozen=True, slots=True)
class Line:
    """An open session with the platform of ``source``.

    ``batch`` is how much it takes at once, ``ingest`` how it tells what happens, ``rate`` how many
    requests a second it allows.
    """

    source: StoredConnection
    session: Session
    batch: int
    ingest: tuple[str, ...]
    rate: float
    _runtime: Runtime
    _limiter: Limiter
    _speaker: str
    _jitter: Jitter

    def paced(self, call: Callable[_P, _R]) -> Callable[_P, _R]:
        """The same call, each request of it waiting for its share of the budget.

        What becomes of it counts: a platform that cannot answer is asked less often, and left
        alone for a while.
        """

        def paced(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            pace = self._pace()
            try:
                answer = call(*args, **kwargs)
            except Transient as error:
                self._failed(error)
                raise
            except ConnectorError:
                # It said no, but it answered.
                self._answered(pace)
                raise
            if (failure := _failure(answer)) is not None:
                self._failed(failure)
            else:
                self._answered(pace)
            return answer

        return paced

    def _pace(self) -> Pace:
        engine, limiter, now = self._runtime.engine, self._limiter, self._runtime.clock()
        with for_reading(engine).begin() as connection:
            pace = paces.find(connection, self.source.id)
            others = speakers.others(connection, self.source.id, self._speaker, now)
        limiter.per_second = self.rate * pace.share / (1 + others)
        if limiter.spoke_at is None or now - limiter.spoke_at >= speakers.LEASE / 3:
            limiter.spoke_at = now
            with engine.begin() as connection:
                speakers.speak(connection, self.source.id, self._speaker, now)
        return pace

    def _failed(self, error: Transient) -> None:
        runtime = self._runtime
        note_failure(runtime.engine, self.source, error, runtime.clock, self._jitter)

    def _answered(self, pace: Pace) -> None:
        if pace != Pace():
            note_answer(self._runtime.engine, self.source)


class Lines:
    """The lines of one thread; a session is not shared between threads, the budget is."""

    def __init__(self, runtime: Runtime, limiters: Limiters, jitter: Jitter) -> None:
        self._runtime = runtime
        self._limiters = limiters
        self._jitter = jitter
        self._open: dict[int, Line] = {}

    def ready(self) -> list[StoredConnection]:
        """The connections whose platforms accept us and are not left alone, and that are ours.

        With the others another worker speaks.
        """
        with for_reading(self._runtime.engine).begin() as connection:
            stored = connections.all_connections(connection, self._runtime.vault)
            resting = paces.resting(connection, self._runtime.clock())
        accepted = [source for source in stored if source.state == connections.READY]
        ours = self._runtime.turns.ours(source.id for source in accepted) - resting
        return [source for source in accepted if source.id in ours]

    def to(self, source: StoredConnection) -> Line:
        """The line to that platform, opened anew when its connection was changed."""
        line = self._open.get(source.id)
        if line is None or line.source != source:
            if line is not None:
                line.session.close()
            line = self._open[source.id] = self._opened(source)
        return line

    def close(self) -> None:
        """Close every session; another process may use the whole budget from now on."""
        for line in self._open.values():
            line.session.close()
        if self._open:
            with suppress(*OUT_OF_REACH), self._runtime.engine.begin() as connection:
                speakers.fall_silent(connection, self._limiters.speaker)
        self._open.clear()

    def _opened(self, source: StoredConnection) -> Line:
        connector = self._runtime.manifest.connector(source.connector)
        rate = connector.manifest["rates"]["requests_per_second"]
        limiter = self._limiters.of(source, rate)
        return Line(
            source,
            connector.open(source.settings, pace=limiter.wait),
            connector.manifest["batch_size"],
            tuple(connector.manifest["ingest"]),
            rate,
            self._runtime,
            limiter,
            self._limiters.speaker,
            self._jitter,
        )


def _failure(answer: object) -> Transient | None:
    """Why nothing of a batch could be done now; ``None`` if something was, or was refused."""
    outcomes = answer if isinstance(answer, list) else []
    errors = [one.error for one in outcomes if isinstance(one, Outcome)]
    passing = [one for one in errors if isinstance(one, Transient)]
    return passing[0] if passing and len(passing) == len(errors) else None
