"""Mautic 4 to 7 and Webmecanik Automation: webhooks in, contact fields and tags out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

import httpx

from ..activity import Reading
from ..contract import Connector, PlatformRules
from . import webhook
from .edits import FIELD_TYPES
from .points import read_points
from .session import MauticSession
from .settings import Settings

__all__ = ["CONNECTOR"]


class _Mautic(Connector):
    id = "mautic"
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

    def read_rules(self, documents: Mapping[str, Any]) -> PlatformRules:
        return read_points(documents["points"], documents["triggers"])

    def own_fields(self, settings: Mapping[str, Any]) -> frozenset[str]:
        return frozenset(settings["field_prefix"] + name for name in FIELD_TYPES)

    def open(
        self,
        settings: Mapping[str, Any],
        *,
        transport: httpx.BaseTransport | None = None,
        pace: Callable[[], object] | None = None,
    ) -> MauticSession:
        return MauticSession(settings, transport=transport, pace=pace)


#: What ``connectors.registry`` loads.
CONNECTOR: Connector = _Mautic()
