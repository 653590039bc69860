"""Use case: what a delivery would tell, with these settings or others; nothing is stored."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.activity import Reading
from connectors.contract import Connector
from plugin.storage.connections import StoredConnection

from .connect import checked_settings
from .receive import kept_headers


def read_sample(
    connector: Connector,
    source: StoredConnection,
    changed: Mapping[str, Any],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
) -> Reading:
    """How the delivery is read; ``changed`` are settings to be tried in place of the stored ones.

    Raises ``SettingsError``.
    """
    settings = checked_settings(connector, {**source.settings, **changed})
    return connector.read_webhook(kept_headers(connector, headers, now), body, settings)
