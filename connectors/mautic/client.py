"""Calls to Mautic's REST API, version 1: the one that works in Mautic 3 to 7."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from ..certificates import trusted
from ..errors import Transient
from .answers import read_answer

#: A batch of 50 with webhooks in immediate mode takes 6.4 s on a small server, and each of its
#: webhooks waits for its receiver; a lost answer costs more than a long wait.
TIMEOUT = httpx.Timeout(60.0, connect=5.0)


class Client:
    """One pooled connection to one Mautic; may be shared by threads.

    Never follows a redirect, always verifies TLS, never sends anything a second time (except
    once after a 401, which proves that nothing was done). Proxies and certificate bundles of the
    environment (``HTTPS_PROXY``, ``NO_PROXY``, ``SSL_CERT_FILE``) are honoured, because a firm's
    only way out may be its proxy; a given ``transport`` replaces them. ``pace`` is called before
    every request, those for tokens too.
    """

    def __init__(
        self,
        base_url: str,
        auth: httpx.Auth,
        *,
        transport: httpx.BaseTransport | None = None,
        pace: Callable[[], object] | None = None,
    ) -> None:
        self._http = httpx.Client(
            base_url=base_url,
            auth=auth,
            transport=transport,
            verify=trusted(),
            timeout=TIMEOUT,
            follow_redirects=False,
            event_hooks={"request": [lambda _: pace()]} if pace else None,
            headers={"Accept": "application/json", "User-Agent": "Maturo"},
            # A kept PHP session would make Mautic handle our parallel calls one by one.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        )
        #: What the newest good answer said of itself; ``None`` before one came.
        self.version: str | None = None

    def call(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: Any = None
    ) -> dict[str, Any]:
        """The JSON object Mautic answers; ``path`` is below the base address.

        Raises ``AuthFailed``, ``Missing``, ``Refused`` or ``Transient``.
        """
        return read_answer(self.send(method, path, params=params, json=json))

    def send(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: Any = None
    ) -> httpx.Response:
        """The answer as it came, whatever its status.

        Raises ``Transient`` when none came, and as ``call`` when no token could be had.
        """
        try:
            response = self._http.request(method, path, params=params, json=json)
        except httpx.TimeoutException as error:
            raise Transient(f"{method} {path}: no answer in time") from error
        except httpx.ConnectError as error:
            raise Transient(f"{method} {path}: cannot connect ({error})") from error
        except httpx.RequestError as error:
            raise Transient(f"{method} {path}: broken off ({type(error).__name__})") from error
        self.version = response.headers.get("Mautic-Version", self.version)
        return response

    def close(self) -> None:
        """Give back connections."""
        self._http.close()
