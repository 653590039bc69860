"""Brevo's answers: JSON, or the typed error an answer stands for. Pure.

https://developers.brevo.com/docs/limit-headers; families of calls have limits of their own.
"""

from __future__ import annotations

import re
from typing import Any

import httpx
import orjson

from ..errors import AuthFailed, ConnectorError, Missing, Refused, Transient

_PASSING = frozenset({408, 425, 429})


def read_answer(response: httpx.Response) -> dict[str, Any]:
    """The object of a good answer, empty where there is none. Raises what a bad one stands for."""
    status = response.status_code
    if not 200 <= status < 300:
        raise _error(response)
    if not response.content:
        return {}
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        raise _passing(response, "answered something else than Brevo's JSON") from None
    return body if isinstance(body, dict) else {"items": body}


def _error(response: httpx.Response) -> ConnectorError:
    status, where = response.status_code, _where(response)
    if 300 <= status < 400:
        return Refused(f"{where}: the address redirects; give the final one", status=status)
    words = _words(response)
    if status in (401, 403):
        return AuthFailed(
            f"{where}: Brevo does not accept this API key for it ({words}); see that the key is "
            "there and active, and that our address is among its authorised IPs",
            status=status,
        )
    if status in _PASSING or status >= 500:
        return _passing(response, f"Brevo could not do it now ({words})")
    if status == 404:
        return Missing(f"{where}: not in this Brevo ({words})", status=status)
    return Refused(f"{where}: Brevo refused ({words})", status=status)


def _words(response: httpx.Response) -> str:
    """Brevo's code alone: its messages may quote values."""
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return "no reason given"
    code = body.get("code") if isinstance(body, dict) else None
    return str(code)[:100] if isinstance(code, str) else "no reason given"


def _passing(response: httpx.Response, reason: str) -> Transient:
    return Transient(
        f"{_where(response)}: {reason}, status {response.status_code}",
        retry_after=_asked(response),
        status=response.status_code,
    )


def _asked(response: httpx.Response) -> float | None:
    names = ("Retry-After", "x-sib-ratelimit-reset")
    for name in names if response.status_code in (429, 503) else names[:1]:
        given = response.headers.get(name, "").strip()
        if re.fullmatch(r"[0-9]{1,6}", given):
            return float(given)
    return None


def _where(response: httpx.Response) -> str:
    """Without the address of a contact, which stands in paths."""
    path = re.sub(r"[^/]*(?:@|%40)[^/]*", "…", response.request.url.path, flags=re.IGNORECASE)
    return f"{response.request.method} {path}"
