"""Where platforms deliver: verified, made durable, acknowledged. Nothing else happens here.

Plain WSGI in front of the application: twice as many deliveries a second as through a Flask view.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response
from werkzeug.datastructures import EnvironHeaders

from plugin.services.receive import Directory, receive
from plugin.storage.engine import OUT_OF_REACH
from plugin.storage.inbox import Inbox, InboxFull

from .body import read_body
from .metrics import Metrics
from .problems import REFUSALS, problem

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = "/hooks/"

probes = Blueprint("probes", __name__)


@probes.get("/hooks/<connection>")
def probe(connection: str) -> Response:
    """Platforms look whether the address answers; a stranger learns nothing about the name."""
    return Response()


def hooks(
    app: WSGIApplication,
    inbox: Inbox,
    directory: Directory,
    admit: Callable[[], None],
    body_limit: int,
    metrics: Metrics,
    clock: Callable[[], datetime],
) -> WSGIApplication:
    """Answers ``POST /hooks/<connection>`` and leaves everything else to ``app``.

    ``admit`` raises ``InboxFull`` when nothing more may come in.
    """

    def deliver(connection: str, environ: WSGIEnvironment) -> Response | None:
        try:
            with metrics.request_seconds.time():
                admit()
                headers, body = dict(EnvironHeaders(environ)), read_body(environ, body_limit)
                receive(inbox, directory, connection, headers, body, clock())
        except REFUSALS as error:
            return problem(error)
        except OUT_OF_REACH:
            return problem(InboxFull("the main database is out of reach"))
        return None

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        connection = _connection(environ)
        if connection is None:
            return app(environ, start_response)
        refusal = deliver(connection, environ)
        metrics.count(200 if refusal is None else refusal.status_code)
        if refusal is not None:
            return refusal(environ, start_response)
        start_response("200 OK", [("Content-Length", "0")])
        return []

    return serve


def _connection(environ: WSGIEnvironment) -> str | None:
    path: str = environ["PATH_INFO"]
    if environ["REQUEST_METHOD"] != "POST" or not path.startswith(_PREFIX):
        return None
    name = path[len(_PREFIX) :].removesuffix("/")
    return name if name and "/" not in name else None
