"""Trouble on demand: slowness, failures, lost answers. Planned, so that tests repeat exactly."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Literal

from flask import Response

from .answers import OFFLINE, answer, crashed, too_many

Kind = Literal[
    "token", "batch", "points", "contact", "contacts", "action", "fields", "hooks", "other"
]

_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"/oauth/v2/token", "token"),
    (r"/api/contacts/batch/.*", "batch"),
    (r"/api/contacts/\d+/points/.*", "points"),
    (r"/api/contacts(/(\d+|new).*)", "contact"),
    (r"/api/contacts", "contacts"),
    (r"/api/(emails|campaigns|segments|stages|notes)/.+", "action"),
    (r"/api/fields/.*", "fields"),
    (r"/api/hooks.*", "hooks"),
)
_LONGEST_HANG = 60.0


def kind_of(path: str) -> Kind:
    """What sort of call a path is; latency and failures can be set for one sort only."""
    return next((kind for pattern, kind in _KINDS if re.fullmatch(pattern, path)), "other")


@dataclass(frozen=True)
class Fault:
    """One planned trouble for one call."""

    effect: Literal["refuse", "drop", "hang"]
    kind: Kind | None = None
    status: int = 503
    retry_after: int | None = None

    def response(self) -> Response:
        """The refusal: JSON for 429 and 4xx, the offline page for 5xx."""
        headers = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        if self.status >= 500:
            return Response(
                OFFLINE, self.status, content_type="text/html; charset=UTF-8", headers=headers
            )
        refusal = too_many(1) if self.status == 429 else crashed(self.status)
        return answer(refusal.body, self.status, versioned=False, headers=headers)


@dataclass
class Faults:
    """``latency`` is in seconds by kind of call; planned faults are used up in order."""

    latency: dict[Kind, float] = field(default_factory=dict)
    sleep: Callable[[float], None] = time.sleep
    _planned: deque[Fault] = field(default_factory=deque)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _released: Event = field(default_factory=Event, repr=False)

    def refuse(
        self,
        status: int,
        *,
        times: int = 1,
        kind: Kind | None = None,
        retry_after: int | None = None,
    ) -> None:
        """Answer the next calls with this status, before anything is done."""
        self._plan(Fault("refuse", kind, status, retry_after), times)

    def drop(self, *, times: int = 1, kind: Kind | None = None) -> None:
        """Do the next calls, then close the connection in the middle of the answer."""
        self._plan(Fault("drop", kind), times)

    def hang(self, *, times: int = 1, kind: Kind | None = None) -> None:
        """Do the next calls, but answer only after ``release`` or a minute."""
        self._plan(Fault("hang", kind), times)

    def release(self) -> None:
        """Let hanging answers go; later ones do not hang."""
        self._released.set()

    def take(self, kind: Kind) -> Fault | None:
        """Wait the latency of this kind of call and use up the first fault planned for it."""
        if self.latency.get(kind):
            self.sleep(self.latency[kind])
        with self._lock:
            fault = next((f for f in self._planned if f.kind in (None, kind)), None)
            if fault:
                self._planned.remove(fault)
        return fault

    def spoil(self, fault: Fault, response: Response) -> Response:
        """The answer as the fault leaves it."""
        if fault.effect == "hang":
            self._released.wait(_LONGEST_HANG)
        if fault.effect == "drop":
            body = response.get_data()
            response.response = _cut(body)
            response.headers["Content-Length"] = str(len(body))
        return response

    def _plan(self, fault: Fault, times: int) -> None:
        with self._lock:
            self._planned.extend([fault] * times)


def _cut(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    # werkzeug takes this for a client gone away: it closes the socket without a traceback
    raise ConnectionResetError("the stand-in drops this answer on purpose")
