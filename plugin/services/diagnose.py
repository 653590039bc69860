"""Use case: all that helps to find a fault, without anything secret or personal."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.metadata import version
from typing import Any

import marshmallow as ma
from sqlalchemy import Engine

from connectors.contract import Connector
from plugin.storage import connections, dead_letters
from plugin.storage.connections import KnownConnection
from plugin.storage.engine import for_reading
from plugin.storage.inbox import Inbox

from .health import health

#: Stands for a setting that is given, and is nobody else's business.
MASKED = "…"
_LIBRARIES = ("flask", "granian", "httpx", "marshmallow", "sqlalchemy")


def diagnose(
    engine: Engine,
    inbox: Inbox,
    connector_of: Callable[[str], Connector],
    product: str,
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """What an installation is made of and how it is, for whoever looks for a fault.

    Of the connections' settings only addresses, switches and numbers are shown; no contact is
    named, and of dead letters only the reasons.
    """
    with for_reading(engine).begin() as connection:
        known = connections.known(connection)
        letters = dead_letters.groups(connection)
    found = health(engine, inbox, limit, now)
    return {
        "product": {"name": "Maturo", "version": product},
        "at": now,
        "python": platform.python_version(),
        "system": platform.platform(),
        "database": engine.dialect.name,
        "libraries": {name: version(name) for name in _LIBRARIES},
        "connections": [_connection(one, connector_of) for one in known],
        "waiting_receipts": found.waiting,
        "oldest_seconds": found.oldest.total_seconds(),
        "write_backs": found.write_backs,
        "actions": found.actions,
        "questions": found.questions,
        "resting_contacts": len(found.resting),
        "platforms": {
            one.connection.name: {
                "lags": one.lags,
                "webhook": one.webhook,
                "silent": one.silent,
                "pace": one.pace,
                "sent": one.sent,
                "polled": one.polled,
                "reconciled": one.reconciled,
                "backfill": one.backfill,
            }
            for one in found.platforms
        },
        "dead_letters": [
            {"connection": one.connection, "event": one.event, "reason": one.reason}
            | {"count": one.count, "first_at": one.first_at, "last_at": one.last_at}
            for one in letters
        ],
    }


def _connection(one: KnownConnection, connector_of: Callable[[str], Connector]) -> dict[str, Any]:
    try:
        fields: Mapping[str, Any] = connector_of(one.connector).settings_schema().fields
    except LookupError:
        fields = {}
    return {
        "name": one.name,
        "connector": one.connector,
        "state": one.state,
        "webhook": one.webhook_url,
        "settings": {
            name: value if _harmless(fields.get(name), value) else MASKED
            for name, value in one.settings.items()
        },
    }


def _harmless(field: ma.fields.Field[Any] | None, value: Any) -> bool:
    """Whether a setting may be shown: what a person typed freely may name somebody."""
    if field is None or field.metadata.get("secret"):
        return False
    return bool(field.metadata.get("identity")) or isinstance(value, bool | int | float)
