"""Who calls: access tokens, Basic authentication, and the recorded ways of refusing them."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from datetime import timedelta
from secrets import token_hex

from flask import Blueprint, Response, current_app, request

from .answers import Refusal, answer, forbidden, said_by_framework
from .author import ADMIN, Author
from .state import StandIn

LIFETIME = 3600
blueprint = Blueprint("auth", __name__)


def here() -> StandIn:
    """The stand-in this app answers for."""
    standin: StandIn = current_app.extensions["standin"]
    return standin


@blueprint.route("/oauth/v2/token", methods=["GET", "POST"])
def token() -> Response:
    """An access token for client credentials, however the client hands them over."""
    standin, given = here(), _handed_over()
    known = _same(given.get("client_id"), standin.client_id)
    if not (_same(given.get("client_secret"), standin.client_secret) and known):
        raise said_by_framework(400, "The client credentials are invalid", "invalid_client")
    if given.get("grant_type") != "client_credentials":
        message = "The grant type is unauthorized for this client_id"
        raise said_by_framework(400, message, "unauthorized_client")
    access = token_hex(32)
    with standin.lock:
        standin.tokens[access] = standin.clock() + timedelta(seconds=LIFETIME)
    body = {"access_token": access, "expires_in": LIFETIME, "token_type": "bearer", "scope": None}
    headers = {"Cache-Control": "no-store, private", "Pragma": "no-cache"}
    return answer(body, versioned=False, headers=headers)


def authenticate(standin: StandIn) -> Author:
    """Who sends the current request; raises the recorded ``Refusal`` for everybody else."""
    if not standin.api_enabled:
        raise said_by_framework(403, _disabled("API", "the API"), "api_disabled")
    given = request.authorization
    if given is not None and given.type == "basic":
        return _by_password(standin, given.username, given.password)
    bearer = given.token if given is not None and given.type == "bearer" else None
    access = bearer or request.args.get("access_token")
    if not access:
        raise said_by_framework(401, "API authorization denied.", "access_denied")
    return _by_token(standin, access)


def require(standin: StandIn, right: str) -> None:
    """Raise 403 when the role lacks this right."""
    if right in standin.denied:
        raise forbidden()


def _by_token(standin: StandIn, access: str) -> Author:
    with standin.lock:
        expires = standin.tokens.get(access)
    if expires is None:
        raise said_by_framework(401, "The access token provided is invalid.", "invalid_grant")
    if standin.clock() >= expires:
        raise said_by_framework(401, "The access token provided has expired.", "invalid_grant")
    return Author(None, standin.client_name)


def _by_password(standin: StandIn, user: str | None, password: str | None) -> Author:
    if not standin.basic_enabled:
        raise said_by_framework(403, _disabled("Basic Auth", "HTTP basic auth"), "access_denied")
    known = _same(user, standin.user)
    if not (_same(password, standin.password) and known):
        raise Refusal(401, "", headers={"WWW-Authenticate": 'Basic realm="Secured Area"'})
    return ADMIN


def _handed_over() -> Mapping[str, str]:
    if request.method == "GET":
        return request.args
    given = request.get_json(silent=True) if request.is_json else request.form
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        pair = {"client_id": basic.username or "", "client_secret": basic.password or ""}
        return {**(given or {}), **pair}
    return given or {}


def _same(given: object, expected: str) -> bool:
    return hmac.compare_digest(str(given or "").encode(), expected.encode())


def _disabled(what: str, enable: str) -> str:
    return (
        f"{what} disabled. You need to enable {enable} in the API settings of "
        "Mautic's Configuration."
    )
