"""Who we are at Mautic: OAuth2 client credentials (preferred) or Basic."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import httpx

from ..errors import AuthFailed, Refused, Transient
from .answers import read_answer

#: Renewed this many seconds before the end, so that no request travels with a dying token.
_MARGIN = 60.0


def auth_for(settings: Mapping[str, Any], clock: Callable[[], float]) -> httpx.Auth:
    """The authentication these loaded settings ask for; ``clock`` gives monotonic seconds."""
    if "client_id" not in settings:
        return httpx.BasicAuth(settings["user"], settings["password"])
    return ClientCredentials(
        f"{settings['base_url']}/oauth/v2/token",
        settings["client_id"],
        settings["client_secret"],
        clock,
    )


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    renew_at: float


class ClientCredentials(httpx.Auth):
    """Bearer tokens that renew themselves; many threads share one renewal.

    A request answered 401 was not carried out, so it is sent once more with a new token. Raises
    ``AuthFailed`` when Mautic does not accept the client, ``Transient`` when it cannot answer.
    """

    def __init__(
        self,
        token_url: str,
        client_id: str,
        client_secret: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._token_url = token_url
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self._clock = clock
        self._lock = Lock()
        self._token: _Token | None = None

    def sync_auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response, None]:
        """Called by httpx for every request."""
        token = yield from self._current(request)
        request.headers["Authorization"] = f"Bearer {token.value}"
        response = yield request
        if response.status_code == 401:
            token = yield from self._current(request, refused=token)
            request.headers["Authorization"] = f"Bearer {token.value}"
            yield request

    def _current(
        self, request: httpx.Request, refused: _Token | None = None
    ) -> Generator[httpx.Request, httpx.Response, _Token]:
        # The lock is held over the exchange on purpose: who comes second finds the new token.
        # httpx closes this generator when the exchange fails, which releases it.
        with self._lock:
            token = self._token
            if token is None or token is refused or self._clock() >= token.renew_at:
                asked_at = self._clock()
                response = yield self._token_request(request)
                response.read()
                token = self._token = _read_token(response, asked_at)
            return token

    def _token_request(self, request: httpx.Request) -> httpx.Request:
        # httpx keeps time-outs in the extensions; without them this request would wait for ever.
        return httpx.Request(
            "POST", self._token_url, data=self._form, extensions=request.extensions
        )


def _read_token(response: httpx.Response, asked_at: float) -> _Token:
    try:
        body = read_answer(response)
    except Refused as refusal:
        if refusal.status == 400:
            raise AuthFailed(
                "Mautic does not accept this client id and secret; copy both again from Mautic: "
                "Settings, API Credentials (type OAuth 2, grant Client Credentials)",
                status=400,
            ) from refusal
        raise
    value, lifetime = body.get("access_token"), body.get("expires_in")
    # Only what fits a header: httpx would quote anything else in its own error.
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
        raise Transient("POST /oauth/v2/token: the answer holds no usable access token")
    seconds = float(lifetime) if isinstance(lifetime, int) and lifetime > 0 else 2 * _MARGIN
    return _Token(value, asked_at + seconds - min(_MARGIN, seconds / 2))
