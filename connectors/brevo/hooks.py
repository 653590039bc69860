"""Our webhook at Brevo: https://developers.brevo.com/reference/create-webhook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from ..contract import Check
from ..errors import Missing
from .client import Client

#: As Brevo's API names them; deliveries name them otherwise.
EVENTS = (
    *("delivered", "opened", "click", "hardBounce", "softBounce", "unsubscribed", "spam"),
    *("proxyOpen", "listAddition", "contactUpdated", "contactDeleted"),
)
_NAME = "webhook"


def install(client: Client, settings: Mapping[str, Any], url: str, secret: str) -> Check:
    """Make it, or bring it in line."""
    body: dict[str, Any] = {
        "url": _with_password(url, settings["user"], secret) if _basic(settings) else url,
        "description": "Maturo",
        "events": list(EVENTS),
    }
    if settings["auth"] == "bearer":
        body["auth"] = {"type": "bearer", "token": secret}
    elif settings["auth"] == "header":
        body["headers"] = [{"key": settings["header"], "value": secret}]
    found = _find(client, url)
    if found is None:
        client.call("POST", "/webhooks", json={**body, "type": "marketing"})
        return Check(_NAME, True, "was made")
    # Brevo does not show the secret: it is written each time.
    client.call("PUT", f"/webhooks/{found['id']}", json=body)
    return Check(_NAME, True, "is there, with our secret and our events")


def check(client: Client, url: str) -> Check:
    """Whether it is there and tells all that we ask for."""
    found = _find(client, url)
    if found is None:
        remedy = "Run `maturo connect` again under the same name: it makes the webhook anew."
        return Check(_NAME, False, "Brevo has no webhook to us any more", remedy)
    missing = sorted(set(EVENTS) - {str(one) for one in found.get("events") or ()})
    if missing:
        remedy = "Run `maturo connect` again under the same name: it adds them."
        return Check(_NAME, False, f"does not tell {', '.join(missing)}", remedy)
    return Check(_NAME, True, "is there")


def remove(client: Client, url: str) -> Check:
    """Delete it."""
    found = _find(client, url)
    if found is None:
        return Check(_NAME, True, "was not there")
    client.call("DELETE", f"/webhooks/{found['id']}")
    return Check(_NAME, True, "was deleted")


def others(client: Client, url: str) -> tuple[str, ...]:
    """Where Brevo delivers to a Maturo beside ``url``."""
    found = (_plain(str(one.get("url"))) for one in _all(client))
    return tuple(sorted({one for one in found if "/hooks/" in one and one != url}))


def _find(client: Client, url: str) -> dict[str, Any] | None:
    return next((one for one in _all(client) if _plain(str(one.get("url"))) == url), None)


def _all(client: Client) -> list[dict[str, Any]]:
    try:
        found = client.call("GET", "/webhooks", params={"type": "marketing"}).get("webhooks")
    except Missing:
        return []  # Brevo says so when there is none.
    return [one for one in found or () if isinstance(one, dict) and "id" in one]


def _basic(settings: Mapping[str, Any]) -> bool:
    return bool(settings["auth"] == "basic")


def _with_password(url: str, user: str, secret: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{user}:{quote(secret, safe='')}@{parts.netloc}").geturl()


def _plain(url: str) -> str:
    """Without user and password, which must never be shown."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
