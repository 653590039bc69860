"""Where Flask-Limiter counts: in our database, so that several processes hold a limit together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from limits.storage import Storage
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from plugin.runtime import Clock
from plugin.services.tries import count_try, tries_so_far


class SharedTries(Storage):
    """What ``limits`` asks of a storage; it is found by its scheme."""

    STORAGE_SCHEME = ["maturo"]  # noqa: RUF012 - as the library declares it

    def __init__(
        self, uri: str | None = None, *, engine: Engine, clock: Clock, **options: Any
    ) -> None:
        super().__init__(uri, **options)
        self._engine, self._clock = engine, clock

    @property
    def base_exceptions(self) -> type[Exception]:
        """What the library may take for a failure of the storage."""
        return DBAPIError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count; answers how many there are. ``expiry`` is in seconds."""
        return count_try(self._engine, key, amount, timedelta(seconds=expiry), self._clock())

    def get(self, key: str) -> int:
        """How many there are."""
        return tries_so_far(self._engine, key, self._clock())[0]

    def get_expiry(self, key: str) -> float:
        """When they are forgotten, in seconds since 1970."""
        return tries_so_far(self._engine, key, self._clock())[1].timestamp()

    def check(self) -> bool:
        """The readiness of the database is told elsewhere."""
        return True

    def reset(self) -> int | None:
        """Nobody asks for it."""
        return None

    def clear(self, key: str) -> None:
        """Nobody asks for it."""
