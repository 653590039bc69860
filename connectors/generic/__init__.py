"""Any tool: signed JSON in by a mapping, signed JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

import httpx

from ..activity import Reading
from ..contract import Connector
from . import webhook
from .session import GenericSession
from .settings import Settings

__all__ = ["CONNECTOR"]


class _Generic(Connector):
    id = "generic"
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
        webhook.verify(headers, body, secrets, settings, now)

    def read_webhook(
        self, headers: Mapping[str, str], body: bytes, settings: Mapping[str, Any]
    ) -> Reading:
        return webhook.read_webhook(headers, body, settings)

    def open(
        self,
        settings: Mapping[str, Any],
        *,
        transport: httpx.BaseTransport | None = None,
        pace: Callable[[], object] | None = None,
    ) -> GenericSession:
        return GenericSession(settings, pace=pace)


#: What ``connectors.registry`` loads.
CONNECTOR: Connector = _Generic()
