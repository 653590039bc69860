"""One delivery of a webhook: signed, posted, logged; and what failures do to the webhook."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from time import monotonic
from urllib.parse import urlsplit

import requests

from connectors.signature import sign

from .state import Hook, Sent, StandIn

# Mautic itself waits for ever: its webhook_timeout never reaches its HTTP client
_TIMEOUT = 60.0
_LOG_LIMIT = 1000
#: A webhook is unpublished when so many of its last log rows have no success among them …
_DISABLE_LIMIT = 100
#: … but never within two days of an edit.
_LEFT_ALONE = timedelta(days=2)
_NO_ANSWER = "N/A"


def deliver(standin: StandIn, hook: Hook, body: bytes) -> int | None:
    """Post this body and write the log; the status, or ``None`` when nobody answered.

    A failure writes two rows of log, one without an answer a single one (source of 5.2).
    """
    began = monotonic()
    status, note = _posted(standin, hook, body)
    with standin.lock:
        standin.sent.append(Sent(hook.id, body, status))
        if status is not None:
            _log(standin, hook, str(status), note, monotonic() - began)
        if status is None or not 200 <= status < 300:
            failed = note if status is None else f"{hook.url} returned {status}"
            _log(standin, hook, _NO_ANSWER, failed, monotonic() - began)
            _consider(standin, hook, status)
    return status


def delivery_headers(standin: StandIn, signature: str) -> dict[str, str]:
    """What Mautic says about a delivery: no id, no attempt, no time."""
    return {
        "Content-Type": "application/json",
        "X-Origin-Base-URL": standin.site_url,
        "Webhook-Signature": signature,
    }


def _posted(standin: StandIn, hook: Hook, body: bytes) -> tuple[int | None, str]:
    if standin.has("no_private_webhooks") and _is_private(hook.url, standin.allowed_private):
        return None, "Webhook URL resolves to a private address"
    if standin.losses and standin.losses.next():
        return 502, "Bad Gateway"
    headers = {"User-Agent": "GuzzleHttp/7", **delivery_headers(standin, sign(body, hook.secret))}
    try:
        answer = requests.post(
            hook.url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
        )
    except requests.RequestException as error:
        return None, type(error).__name__
    return answer.status_code, answer.text


def _is_private(url: str, allowed: set[str]) -> bool:
    """Names are not looked up here: only ``localhost`` and addresses are known to be private."""
    host = urlsplit(url).hostname or ""
    if host in allowed:
        return False
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def _log(standin: StandIn, hook: Hook, status: str, note: str, seconds: float) -> None:
    standin.tables.add(
        "webhook_logs",
        webhook_id=hook.id,
        status_code=status,
        date_added=standin.moment(),
        note=note,
        runtime=round(seconds, 2),
    )
    standin.tables.keep_last("webhook_logs", _LOG_LIMIT, webhook_id=hook.id)


def _consider(standin: StandIn, hook: Hook, status: int | None) -> None:
    """Unpublish a webhook that is gone, or has been failing for long."""
    changed = datetime.fromisoformat(hook.modified or hook.added)
    lately = standin.clock().astimezone(UTC) - changed < _LEFT_ALONE
    rows = [row for row in standin.tables.rows("webhook_logs") if row["webhook_id"] == hook.id]
    statuses = [row["status_code"] for row in rows[-_DISABLE_LIMIT:]]
    sick = not any(status.startswith("2") for status in statuses)
    if status == 410 or (sick and not lately):
        hook.published = False
