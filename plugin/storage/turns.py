"""Which platforms this process speaks with: of several processes one at a time, for each platform.

Two at once would exceed a platform's budget, and an older value could overtake a newer one.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Lock

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

#: The first half of the locks' numbers; the second is the connection's id.
_SPEAKING = 0x6D61
#: No connection has this id: the turn to do what people asked for on pages.
RUNS = 0


class Turns:
    """Turns that last until the process ends or loses its session; safe to use from many threads.

    On SQLite everything is the one worker's.
    """

    def __init__(self, engine: Engine) -> None:
        self._shared = engine.dialect.name != "sqlite"
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._gate = Lock()
        self._session: Connection | None = None
        self._held: set[int] = set()

    def ours(self, connection_ids: Iterable[int]) -> set[int]:
        """Those of these connections (ids) whose platform is ours to speak with now.

        Raises ``DBAPIError`` when the server is not there; then nothing is ours any more.
        """
        wanted = set(connection_ids)
        if not self._shared:
            return wanted
        with self._gate:
            try:
                self._take(wanted)
            except DBAPIError:
                self._give_up()
                raise
            return wanted & self._held

    def close(self) -> None:
        """Leave everything to others."""
        with self._gate:
            self._give_up()

    def _take(self, wanted: set[int]) -> None:
        if self._session is None:
            self._session = self._engine.connect()
        # A session that was lost took its locks along: only what answers still holds them.
        self._session.execute(select(1))
        for one in sorted(wanted - self._held):
            if self._session.execute(select(func.pg_try_advisory_lock(_SPEAKING, one))).scalar():
                self._held.add(one)

    def _give_up(self) -> None:
        self._held.clear()
        if self._session is not None:
            # Not back into the pool: there it would keep its locks.
            self._session.invalidate()
            self._session.close()
            self._session = None
