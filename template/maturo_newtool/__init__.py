"""Newtool: what Maturo must know of it. Nothing is to be changed here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

import httpx

from connectors.activity import Reading
from connectors.contract import Connector

from . import webhook
from .session import NewtoolSession
from .settings import Settings

__all__ = ["CONNECTOR"]


class _Newtool(Connector):
    id = "newtool"
    settings_schema = Settings
    manifest: Mapping[str, Any] = json.loads(files(__name__).joinpath("manifest.json").read_bytes())

    def verify(
        self,
        headers: Mapping[str, str],
        body: bytes,
        secrets: Sequence[str],
        settings: Mapping[str, Any],
        now: datetime,
    ) -> None:
        webhook.verify(headers, body, secrets)

    def read_webhook(
        self, headers: Mapping[str, str], body: bytes, settings: Mapping[str, Any]
    ) -> Reading:
        return webhook.read_webhook(body)

    def open(
        self,
        settings: Mapping[str, Any],
        *,
        transport: httpx.BaseTransport | None = None,
        pace: Callable[[], object] | None = None,
    ) -> NewtoolSession:
        return NewtoolSession(settings, transport=transport, pace=pace)


#: What the entry point names.
CONNECTOR: Connector = _Newtool()
