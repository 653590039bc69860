"""Recorded exchanges of a real Mautic 6.0.3 as httpx answers, and a transport that plays them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import httpx
import orjson

from connectors.mautic.session import MauticSession
from connectors.mautic.settings import Settings

API = Path(__file__).parents[2] / "payloads" / "mautic" / "api"
BASE = "https://mautic.example.test"
OAUTH = {"base_url": BASE, "client_id": "our-id", "client_secret": "our-hidden-word"}
BASIC = {"base_url": BASE, "user": "ada", "password": "ada-hidden-word"}
TOKEN = ("POST", "/oauth/v2/token")
#: How the version is asked for, before the first batch.
ANY = ("GET", "/api/contacts")
BATCH = ("PATCH", "/api/contacts/batch/edit")
_OF_THE_WIRE = {"transfer-encoding", "connection", "content-length"}


def exchange(case: str) -> dict[str, Any]:
    return orjson.loads((API / f"{case}.json").read_bytes())


def body(case: str) -> dict[str, Any]:
    return copy.deepcopy(exchange(case)["response"]["body"])


def recorded(case: str, replaced: Any = None) -> httpx.Response:
    answer = exchange(case)["response"]
    headers = {k: v for k, v in answer["headers"].items() if k.lower() not in _OF_THE_WIRE}
    content = answer["body"] if replaced is None else replaced
    is_page = "html" in headers.get("Content-Type", "")
    return httpx.Response(
        answer["status"],
        headers=headers,
        content=content.encode() if is_page else orjson.dumps(content),
    )


def holding(contact: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    """A recorded contact that also has our fields."""
    changed = copy.deepcopy(dict(contact))
    changed["fields"]["all"] |= values
    return changed


def edited(contact: int, **values: Any) -> httpx.Response:
    answer = holding(body("contact_patch")["contact"], **values) | {"id": contact}
    return recorded("contact_patch", {"contact": answer})


def _copy(request: httpx.Request) -> httpx.Request:
    """httpx sends one object again with changed headers."""
    return httpx.Request(
        request.method,
        request.url,
        headers=request.headers.copy(),
        content=request.read(),
        extensions=request.extensions,
    )


class Replay(httpx.BaseTransport):
    """Gives the answers of a route in their order and keeps what was asked.

    An answer may be an exception, to be raised. A token, and a page of contacts of
    6.0.3, are given whenever none is listed.
    """

    def __init__(self, routes: Mapping[tuple[str, str], Any]) -> None:
        self._routes = {
            route: list(answers) if isinstance(answers, list) else [answers]
            for route, answers in routes.items()
        }
        self._lock = Lock()
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        route = (request.method, request.url.path)
        with self._lock:
            self.requests.append(_copy(request))
            if route == TOKEN and TOKEN not in self._routes:
                return recorded("oauth_token_client_credentials")
            if route == ANY and ANY not in self._routes:
                return recorded("contacts_search_minimal")
            answer = self._routes[route].pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def asked(self, method: str, path: str) -> list[httpx.Request]:
        return [r for r in self.requests if (r.method, r.url.path) == (method, path)]

    def sent(self, method: str, path: str) -> list[Any]:
        return [orjson.loads(request.content) for request in self.asked(method, path)]


class Clock:
    """Monotonic seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def session(
    routes: Mapping[tuple[str, str], Any],
    settings: Mapping[str, str] = OAUTH,
    clock: Clock | None = None,
) -> tuple[MauticSession, Replay]:
    replay, clock = Replay(routes), clock or Clock()
    loaded = Settings().load(dict(settings))
    return MauticSession(loaded, transport=replay, clock=clock, sleep=clock.sleep), replay
