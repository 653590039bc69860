"""Every error of what is no page in one JSON shape: a problem of RFC 9457."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from flask import Response
from werkzeug.exceptions import HTTPException

from connectors.errors import ConnectorError, Rejected
from plugin.learning.question import NoReason
from plugin.scoring.difference_words import told
from plugin.scoring.differences import differences
from plugin.scoring.problems import ScorecardError
from plugin.services.connect import SettingsError
from plugin.services.draft_learned import UnknownRow
from plugin.services.drafts import StaleDraft, UnknownDraft
from plugin.services.explain import UnknownContact
from plugin.services.priorities import UnknownBand, UnknownPlace
from plugin.services.publish import UnknownVersion
from plugin.services.receive import EmptyBody
from plugin.services.rescore import NoScorecard
from plugin.services.simulate import NothingToSimulate
from plugin.storage.connections import UnknownConnection
from plugin.storage.inbox import Broken, InboxFull

_RETRY_SECONDS = "30"
_STATUS: dict[type[Exception], HTTPStatus] = {
    EmptyBody: HTTPStatus.BAD_REQUEST,
    Rejected: HTTPStatus.UNAUTHORIZED,
    UnknownConnection: HTTPStatus.NOT_FOUND,
    UnknownContact: HTTPStatus.NOT_FOUND,
    UnknownBand: HTTPStatus.NOT_FOUND,
    UnknownPlace: HTTPStatus.NOT_FOUND,
    UnknownDraft: HTTPStatus.NOT_FOUND,
    UnknownVersion: HTTPStatus.NOT_FOUND,
    NoScorecard: HTTPStatus.CONFLICT,
    StaleDraft: HTTPStatus.CONFLICT,
    ScorecardError: HTTPStatus.UNPROCESSABLE_ENTITY,
    SettingsError: HTTPStatus.UNPROCESSABLE_ENTITY,
    NothingToSimulate: HTTPStatus.UNPROCESSABLE_ENTITY,
    UnknownRow: HTTPStatus.UNPROCESSABLE_ENTITY,
    NoReason: HTTPStatus.UNPROCESSABLE_ENTITY,
    # The platform's own answer, or its silence; after what is more special.
    ConnectorError: HTTPStatus.BAD_GATEWAY,
    InboxFull: HTTPStatus.SERVICE_UNAVAILABLE,
    Broken: HTTPStatus.SERVICE_UNAVAILABLE,
}
#: What ``problem`` can tell; anything else is a fault of ours.
REFUSALS: tuple[type[Exception], ...] = (*_STATUS, HTTPException)


def problem(error: Exception) -> Response:
    """The answer to one of ``REFUSALS``."""
    if isinstance(error, HTTPException):
        return _of_http(error)
    status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
    if status is not HTTPStatus.SERVICE_UNAVAILABLE:
        return _answer(status, str(error), _named(error))
    return _later("nothing was stored: send it again later")


def database_away() -> Response:
    """The answer while the database cannot be used."""
    return _later("the database cannot be used now: try again later")


def _later(detail: str) -> Response:
    # Why exactly is in /readyz and the figures; who asks can only come back.
    response = _answer(HTTPStatus.SERVICE_UNAVAILABLE, detail)
    response.headers["Retry-After"] = _RETRY_SECONDS
    return response


def _named(error: Exception) -> Mapping[str, Any] | None:
    """What is wrong with which field, of errors that know."""
    match error:
        case ScorecardError():
            return {"json": {"source": [str(one) for one in error.problems]}}
        case SettingsError():
            return {"json": {"settings": error.problems}}
        case NoReason():
            return {"json": {"reason": [str(error)]}}
        case StaleDraft():
            now = f"it is {error.draft.revision} now: read the draft again and decide anew"
            changes = differences(error.seen, error.draft.source)
            return {"json": {"revision": [now, *(told(one, "en") for one in changes)]}}
        case _:
            return None


def _of_http(error: HTTPException) -> Response:
    # flask-smorest and webargs put there what is wrong with which field.
    data = getattr(error, "data", None) or {}
    errors = data.get("errors") or data.get("messages")
    told = data.get("message") or ("some fields do not fit" if errors else error.description)
    response = _answer(HTTPStatus(error.code or 500), told or "", errors)
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def _answer(status: HTTPStatus, detail: str, errors: Mapping[str, Any] | None = None) -> Response:
    shape = {"type": "about:blank", "title": status.phrase, "status": status.value}
    told = {**shape, "detail": detail, **({"errors": errors} if errors else {})}
    body = orjson.dumps(told, option=orjson.OPT_NON_STR_KEYS)
    return Response(body, status.value, mimetype="application/problem+json")
