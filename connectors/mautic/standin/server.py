"""The stand-in on a real socket, for the demo and for tests that need one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from werkzeug.serving import WSGIRequestHandler, make_server

from .app import create_app
from .state import StandIn

_HOST = "127.0.0.1"


@dataclass(frozen=True)
class Running:
    """A stand-in that answers at ``url`` (no slash at its end)."""

    standin: StandIn
    url: str


class _Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing of calls that went well; errors are still written."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """Without a date of the machine: the platform has its own clock, and says it itself."""
        self.send_response_only(code, message)


@contextmanager
def serve(standin: StandIn, port: int = 0) -> Iterator[Running]:
    """Answer on 127.0.0.1 while inside; port 0 takes a free one. Hanging answers end with it."""
    server = make_server(_HOST, port, create_app(standin), threaded=True, request_handler=_Quiet)
    # looks often whether it shall end: the default of half a second is felt in every test
    thread = Thread(target=server.serve_forever, args=(0.02,), name="standin", daemon=True)
    thread.start()
    standin.site_url = f"http://{_HOST}:{server.server_port}"
    try:
        yield Running(standin, standin.site_url)
    finally:
        standin.faults.release()
        server.shutdown()
        thread.join()
        server.server_close()
