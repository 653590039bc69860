"""Mautic's answers: a JSON object, or the typed error the answer stands for. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import orjson

from ..errors import AuthFailed, ConnectorError, Missing, Refused, Transient

#: Statuses that pass by themselves; every 5xx does too, because Mautic says "error #500" for
#: anything it did not foresee, and the sender bounds its retries.
_PASSING = frozenset({408, 425, 429})


def read_answer(response: httpx.Response) -> dict[str, Any]:
    """The JSON object of a good answer.

    Raises what a bad one stands for, also when it comes with status 200: ``/api/stats`` reports
    its errors that way. The ``errors`` of a batch belong to its items and are left to the caller.
    """
    if response.is_redirect or 300 <= response.status_code < 400:
        raise _redirected(response)
    body = _json_object(response)
    if body is None:
        raise _not_json(response)
    problem = _problem(body)
    if response.status_code < 400 and problem is None:
        return body
    problem = problem or {}
    status = response.status_code if response.status_code >= 400 else _code(problem)
    raise _error(status, problem, response)


def entries(listed: Any) -> list[dict[str, Any]]:
    """Entries of what Mautic writes as an object by id, or as a list, above all when empty."""
    rows = listed.values() if isinstance(listed, dict) else listed or ()
    return [row for row in rows if isinstance(row, dict)]


def _json_object(response: httpx.Response) -> dict[str, Any] | None:
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None


def _problem(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The first error in any of the shapes of Mautic 3 to 7, or of its OAuth2 server."""
    if "statusCodes" in body:
        return None
    given = body.get("errors") or body.get("error")
    if not given:
        return None
    if isinstance(given, list):
        given = given[0]
    if isinstance(given, str):
        given = {"type": given, "message": body.get("error_description")}
    return given if isinstance(given, dict) else {}


def _code(problem: Mapping[str, Any]) -> int:
    """Codes inside a 200 may be of the database (1054) instead of HTTP: then it is a refusal."""
    code = problem.get("code")
    return code if isinstance(code, int) and 400 <= code < 600 else 400


def _error(status: int, problem: Mapping[str, Any], response: httpx.Response) -> ConnectorError:
    where, words = _where(response), _words(problem)
    if status == 401:
        return AuthFailed(f"{where}: {_unknown(problem)}", status=status)
    if status == 403 or "PermissionNotFound" in words:  # of the statistics, as an error 500
        return AuthFailed(f"{where}: {_forbidden(problem)}", status=403)
    # An unknown route says nothing about a contact: it must never look like a deleted one.
    if status == 404 and "URL not found" not in words:
        return Missing(f"{where}: not in this Mautic ({words})", status=status)
    if status in _PASSING or status >= 500:
        return _passing(response, status, f"Mautic could not do it now ({words})")
    return Refused(f"{where}: Mautic refused ({words})", status=status)


def _unknown(problem: Mapping[str, Any]) -> str:
    if problem.get("type") == "access_denied":
        return (
            "Mautic saw no credentials; if they were given, its web server drops the "
            "Authorization header: let it through (Apache with FastCGI: CGIPassAuth On)"
        )
    return "Mautic does not accept these credentials; check them and connect again"


def _forbidden(problem: Mapping[str, Any]) -> str:
    kind, message = problem.get("type"), str(problem.get("message", ""))
    if kind == "api_disabled":
        return "the API is off; switch it on in Mautic: Configuration, API Settings"
    if kind == "access_denied" and "basic" in message.lower():
        return (
            "Basic authentication is off; use OAuth2 credentials (faster), or switch it on "
            "in Mautic: Configuration, API Settings"
        )
    return "the role of our API user lacks this right; give it in Mautic: Settings, Roles"


def _words(problem: Mapping[str, Any]) -> str:
    """What Mautic said, without the values it quotes: they may be personal.

    Validation messages repeat the value ("email: bad is invalid"), so only the names of the
    fields are kept; a database message may hold whole rows.
    """
    details = problem.get("details")
    if isinstance(details, dict) and details:
        return "invalid: " + ", ".join(sorted(map(str, details)))[:200]
    message = str(problem.get("message") or problem.get("type") or "no reason given")
    return "a database error" if "SQLSTATE" in message else message[:200]


def _not_json(response: httpx.Response) -> ConnectorError:
    """Pages are made by what stands around Mautic, or by Mautic when it is offline.

    A 404 page is never ``Missing``: nobody must forget a contact because a web server was being
    changed. A refused Basic password comes with the body ``""`` (recorded on 6.0.3).
    """
    status = response.status_code
    if status == 401:
        return AuthFailed(f"{_where(response)}: {_unknown({})}", status=status)
    reason = "answered something else than Mautic's JSON: it is offline, or the address is wrong"
    return _passing(response, status, f"{reason}, or a firewall stands between")


def _redirected(response: httpx.Response) -> Refused:
    base = _base_of(response)
    return Refused(
        f"{_where(response)}: the address redirects to {base}; use that one",
        status=response.status_code,
    )


def _base_of(redirect: httpx.Response) -> str:
    """Where it leads, as an address to connect to; its query may hold secrets and is dropped."""
    try:
        target = redirect.url.join(redirect.headers.get("Location", ""))
    except httpx.InvalidURL:
        return "somewhere unreadable"
    address = f"{target.scheme}://{target.netloc.decode('ascii')}{target.path}"
    return re.split(r"/(?:api|oauth)/", address)[0]


def _passing(response: httpx.Response, status: int, reason: str) -> Transient:
    return Transient(
        f"{_where(response)}: {reason}, status {status}",
        retry_after=_retry_after(status, response.headers),
        status=status,
    )


def _where(response: httpx.Response) -> str:
    return f"{response.request.method} {response.request.url.path}"


def _retry_after(status: int, headers: httpx.Headers) -> float | None:
    """Seconds to wait, measured on the server's own clock so that ours may be wrong.

    Mautic's limiter sends no Retry-After but the epoch at which its hour ends, on every answer;
    proxies in front of it send Retry-After.
    """
    given = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", given):
        return float(given)
    until = _http_date(given)
    reset = headers.get("X-RateLimit-Reset", "").strip()
    if until is None and status == 429 and re.fullmatch(r"[0-9]{1,12}", reset):
        until = float(reset)
    now = _http_date(headers.get("Date", ""))
    return max(0.0, until - now) if until is not None and now is not None else None


def _http_date(text: str) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
