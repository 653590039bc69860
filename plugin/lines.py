"""Lines: an open session with each platform, at the pace its manifest allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from pyrate_limiter import Duration, Limiter, Rate

from connectors.contract import Session
from plugin.runtime import Runtime
from plugin.storage import connections
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading

_P = ParamSpec("_P")
_R = TypeVar("_R")


class Limiters:
    """The budget of requests of each connection, shared by all who speak with its platform."""

    def __init__(self) -> None:
        self._limiters: dict[tuple[int, int], Limiter] = {}

    def of(self, source: StoredConnection, requests_per_second: int) -> Limiter:
        """The limiter of the connection."""
        made = Limiter(Rate(requests_per_second, Duration.SECOND))
        # Atomic: of two threads that ask at once both get the same.
        return self._limiters.setdefault((source.id, requests_per_second), made)


@dataclass(frozen=True, slots=True)
class Line:
    """An open session with the platform of ``source``.

    ``batch`` is how much it takes at once, ``ingest`` how it tells what happens.
    """

    source: StoredConnection
    session: Session
    batch: int
    ingest: tuple[str, ...]
    _limiter: Limiter

    def paced(self, call: Callable[_P, _R]) -> Callable[_P, _R]:
        """The same call, waiting before it for its share of the budget."""

        def paced(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            self._limiter.try_acquire("call")
            return call(*args, **kwargs)

        return paced


class Lines:
    """The lines of one thread; a session is not shared between threads, the budget is."""

    def __init__(self, runtime: Runtime, limiters: Limiters) -> None:
        self._runtime = runtime
        self._limiters = limiters
        self._open: dict[int, Line] = {}

    def ready(self) -> list[StoredConnection]:
        """The connections whose platforms accept us, and with which no other worker speaks."""
        with for_reading(self._runtime.engine).begin() as connection:
            stored = connections.all_connections(connection, self._runtime.vault)
        accepted = [source for source in stored if source.state == connections.READY]
        ours = self._runtime.turns.ours(source.id for source in accepted)
        return [source for source in accepted if source.id in ours]

    def to(self, source: StoredConnection) -> Line:
        """The line to that platform, opened anew when its connection was changed."""
        line = self._open.get(source.id)
        if line is None or line.source != source:
            if line is not None:
                line.session.close()
            connector = self._runtime.manifest.connector(source.connector)
            rate = connector.manifest["rates"]["requests_per_second"]
            line = self._open[source.id] = Line(
                source,
                connector.open(source.settings),
                connector.manifest["batch_size"],
                tuple(connector.manifest["ingest"]),
                self._limiters.of(source, rate),
            )
        return line

    def close(self) -> None:
        """Close every session."""
        for line in self._open.values():
            line.session.close()
        self._open.clear()
