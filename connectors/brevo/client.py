"""Calls to Brevo's API, version 3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

import httpx

from ..certificates import trusted
from ..errors import Transient
from .answers import read_answer

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
_PAGE = 50


class Client:
    """One pooled connection; may be shared by threads. Repeats nothing, follows no redirect."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        transport: httpx.BaseTransport | None = None,
        pace: Callable[[], object] | None = None,
    ) -> None:
        self._base = base_url
        self._http = httpx.Client(
            transport=transport,
            verify=trusted(),
            timeout=TIMEOUT,
            follow_redirects=False,
            event_hooks={"request": [lambda _: pace()]} if pace else None,
            headers={"Accept": "application/json", "User-Agent": "Maturo", "api-key": api_key},
        )

    def call(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: Any = None
    ) -> dict[str, Any]:
        """The answer's object. Raises ``AuthFailed``, ``Missing``, ``Refused``, ``Transient``."""
        try:
            response = self._http.request(method, self._base + path, params=params, json=json)
        except httpx.TimeoutException as error:
            raise Transient(f"{method}: no answer in time", status=0) from error
        except httpx.ConnectError as error:
            raise Transient(f"{method}: cannot connect ({type(error).__name__})") from error
        except httpx.RequestError as error:
            raise Transient(f"{method}: broken off ({type(error).__name__})", status=0) from error
        return read_answer(response)

    def pages(self, path: str, key: str) -> list[dict[str, Any]]:
        """Every entry of a list that comes in pages."""
        found: list[dict[str, Any]] = []
        while True:
            answer = self.call("GET", path, params={"limit": _PAGE, "offset": len(found)})
            rows = [row for row in answer.get(key) or () if isinstance(row, dict)]
            found += rows
            if len(rows) < _PAGE:
                return found

    def close(self) -> None:
        """Give back connections."""
        self._http.close()


def contact_path(contact: str) -> str:
    """Where a contact is, by the address that deliveries name."""
    return f"/contacts/{quote(contact, safe='')}"
