"""Recorded exchanges with a real Mautic 6.0.3, and the same calls made to the stand-in."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from connectors.mautic.standin import StandIn, create_app, play

RECORDED = Path(__file__).parents[1] / "payloads" / "mautic" / "api"
NOW = datetime(2026, 11, 21, 20, 40, tzinfo=UTC)
HEADERS = (
    "Mautic-Version",
    "Content-Type",
    "Location",
    "WWW-Authenticate",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "Retry-After",
)

CUSTOM_FIELDS = ("number", "select", "multiselect", "boolean", "date", "datetime", "tracked")


class Played(NamedTuple):
    body: bytes
    signature: str = ""


app_of = lru_cache(maxsize=4)(create_app)


@cache
def recording(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    return loaded


def platform(custom_fields: Iterable[str] = CUSTOM_FIELDS) -> StandIn:
    standin = StandIn(client_secret="example-client-secret", clock=lambda: NOW)
    standin.client_name = "live test [1]"
    standin.tokens["example-token"] = NOW + timedelta(hours=1)
    for kind in custom_fields:
        call(standin, recording(f"field_contact_{kind}")["request"])
    return standin


def call(standin: StandIn, request: dict[str, Any]) -> Any:
    pair = f"admin:{standin.password}"
    if request["path"].startswith("/oauth"):
        pair = f"{standin.client_id}:{standin.client_secret}"
    given = {
        "Bearer (removed)": "Bearer example-token",
        "Basic (removed)": f"Basic {base64.b64encode(pair.encode()).decode()}",
    }
    headers = {
        name: given.get(value, value)
        for name, value in request["headers"].items()
        if name in ("Authorization", "Content-Type")
    }
    return (
        app_of(standin)
        .test_client()
        .open(request["path"], method=request["method"], headers=headers, data=request["body"])
    )


def contacts_in(body: Any) -> list[dict[str, Any]]:
    if not isinstance(body, dict):
        return []
    listed = body.get("contacts", [])
    many = list(listed.values()) if isinstance(listed, dict) else list(listed)
    return [body["contact"]] if "contact" in body else many


def remember(standin: StandIn, shown: dict[str, Any]) -> None:
    """Put a recorded contact into the stand-in."""
    whole = {**contacts_in(recording("contact_get")["response"]["body"])[0], **shown}
    fields = {k: v for k, v in whole["fields"].items() if k != "all"}
    seen = fields["core"]["last_active"]["value"]
    active = seen and seen.replace(" ", "T") + "+00:00"
    item = {"contact": {**whole, "fields": fields, "lastActive": active}}
    body = json.dumps({"mautic.lead_post_save_update": [item]}).encode()
    play(standin, [Played(body)], lambda _body, _headers: 200)


def differences(recorded: Any, answered: Any, path: str = "") -> Iterator[str]:
    """Where two JSON values differ in kind or in keys; what they say is not compared."""
    if type(recorded) is not type(answered):
        yield f"{path}: {type(recorded).__name__} became {type(answered).__name__}"
    elif isinstance(recorded, dict):
        for key in recorded.keys() ^ answered.keys():
            yield f"{path}.{key}: only {'recorded' if key in recorded else 'answered'}"
        for key in recorded.keys() & answered.keys():
            yield from differences(recorded[key], answered[key], f"{path}.{key}")
    elif isinstance(recorded, list) and recorded and answered:
        yield from differences(recorded[0], answered[0], f"{path}[]")


def headers_of(headers: Any) -> dict[str, str]:
    return {name: headers[name] for name in HEADERS if name in headers}
