"""What the stand-in's tests share: a receiver of webhooks on a real socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from connectors.mautic.standin import StandIn
from connectors.mautic.standin.author import ADMIN
from connectors.mautic.standin.catalogue import catalogue
from connectors.mautic.standin.state import Hook

SECRET = "a-secret-of-the-tests"


@dataclass
class Receiver:
    """Keeps what it gets and does ``meanwhile``; answers ``statuses`` in order, then 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    got: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.got.append((dict(request.headers), request.get_data()))
        self.meanwhile()
        status = self.statuses.pop(0) if self.statuses else 200
        return Response(status=status)(environ, start_response)

    @property
    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """Every event that arrived, in order, without the prefix of its key."""
        bodies = [json.loads(body) for _, body in self.got]
        return [
            (key.removeprefix("mautic."), item)
            for body in bodies
            for key, items in body.items()
            for item in items
        ]

    @property
    def keys(self) -> list[str]:
        return [key for key, _ in self.events]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    server = make_server("127.0.0.1", 0, receiver)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks/mautic"
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def hook_to(standin: StandIn, url: str, triggers: list[str] | None = None) -> Hook:
    asked = triggers or list(catalogue()["triggers"])
    number = standin.next_id("hook")
    hook = Hook(number, "Tests", url, SECRET, asked, ADMIN, ADMIN, standin.now())
    standin.hooks[number] = hook
    return hook
