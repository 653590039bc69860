"""Telling sales: messages to Slack, to Teams, or by mail."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any

import httpx

from ..activity import BrokenItem, Reading
from ..contract import Connector
from ..errors import Rejected
from .session import MessengerSession
from .settings import Settings

__all__ = ["CONNECTOR"]


class _Messenger(Connector):
    id = "messenger"
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
        raise Rejected("this connection only sends")

    def read_webhook(
        self, headers: Mapping[str, str], body: bytes, settings: Mapping[str, Any]
    ) -> Reading:
        return Reading(broken=(BrokenItem("", 0, "this connection only sends", ""),))

    def open(
        self,
        settings: Mapping[str, Any],
        *,
        transport: httpx.BaseTransport | None = None,
        pace: Callable[[], object] | None = None,
    ) -> MessengerSession:
        return MessengerSession(settings, pace=pace)


#: What ``connectors.registry`` loads.
CONNECTOR: Connector = _Messenger()
