"""A pretended platform on a real socket of this machine, and what the calls to it wait for."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from threading import Thread
from typing import TYPE_CHECKING, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(app: WSGIApplication) -> Iterator[str]:
    """The address at which ``app`` answers while inside, without a slash at its end."""
    server: WSGIServer = make_server("127.0.0.1", 0, app, handler_class=_Quiet)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answering(status: int, **headers: str) -> WSGIApplication:
    """A platform that answers everything so."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        given = {"Content-Type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        start_response(f"{status} {HTTPStatus(status).phrase}", [*given.items()])
        return [b"{}"]

    return app


class Switch:
    """A platform that may answer otherwise from one moment on."""

    def __init__(self, app: WSGIApplication) -> None:
        self.app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """As ``app`` does now."""
        return self.app(environ, start_response)


@contextmanager
def watched(on_wait: Callable[[float | None], None]) -> Iterator[None]:
    """Tells ``on_wait`` how long each connection of this process would wait while inside."""
    connect = socket.socket.connect

    def connecting(self: socket.socket, address: Any) -> None:
        on_wait(self.gettimeout())
        connect(self, address)

    socket.socket.connect = connecting  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        socket.socket.connect = connect  # type: ignore[method-assign]


@contextmanager
def logged() -> Iterator[list[str]]:
    """Every line that is logged while inside, at any level."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield lines
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
