"""Every error in one JSON shape: ``{"code": 401, "status": "Unauthorized", "message": …}``."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from connectors.errors import Rejected
from plugin.services.receive import EmptyBody
from plugin.storage.connections import UnknownConnection
from plugin.storage.inbox import Broken, InboxFull

_RETRY_SECONDS = "30"
_STATUS: dict[type[Exception], HTTPStatus] = {
    EmptyBody: HTTPStatus.BAD_REQUEST,
    Rejected: HTTPStatus.UNAUTHORIZED,
    UnknownConnection: HTTPStatus.NOT_FOUND,
    InboxFull: HTTPStatus.SERVICE_UNAVAILABLE,
    Broken: HTTPStatus.SERVICE_UNAVAILABLE,
}
#: What ``problem`` can tell; anything else is a fault of ours.
REFUSALS: tuple[type[Exception], ...] = (*_STATUS, HTTPException)


def init_problems(app: Flask) -> None:
    """Answer everything that Flask refuses in that shape too."""
    app.register_error_handler(HTTPException, problem)


def problem(error: Exception) -> Response:
    """The answer to one of ``REFUSALS``."""
    if isinstance(error, HTTPException):
        return _of_http(error)
    status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    if status is not HTTPStatus.SERVICE_UNAVAILABLE:
        return _answer(status, str(error))
    # Why exactly is in /readyz and the figures; the sender can only come back.
    response = _answer(status, "nothing was stored: send it again later")
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def _of_http(error: HTTPException) -> Response:
    response = _answer(HTTPStatus(error.code or 500), error.description or "")
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _answer(status: HTTPStatus, message: str) -> Response:
    shape = {"code": status.value, "status": status.phrase, "message": message}
    return Response(orjson.dumps(shape), status.value, mimetype="application/json")
