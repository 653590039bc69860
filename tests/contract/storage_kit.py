"""One database for each engine the storage runs on, and contacts in a few words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Connection, Engine

from connectors.activity import Activity, ProfileChange, Subject
from plugin.scoring.decay import NoDecay
from plugin.scoring.lines import Line
from plugin.storage import connections, contacts, scorecards
from plugin.storage.database import open_main
from plugin.storage.tables import metadata
from plugin.storage.vault import Vault
from tests import postgres
from tests.blank import blank_main

#: Every engine the contract is proved on.
ENGINES = ("sqlite", "postgresql")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
VAULT = Vault(Fernet.generate_key().decode())
ACME, GLOBEX = 1, 2


@contextmanager
def database(name: str, folder: Path) -> Iterator[Engine]:
    """An empty database with two connections and one scorecard."""
    if name == "sqlite":
        blank_main(folder / "main.db")
    engine = open_main(folder / "main.db") if name == "sqlite" else postgres.emptied()
    with engine.begin() as connection:
        for one in ("acme", "globex"):
            connections.save(connection, VAULT, new_connection(one), NOW)
        scorecards.publish(connection, "text", NOW)
    yield engine
    if name == "sqlite":
        engine.dispose()


def new_connection(name: str, **given: Any) -> connections.NewConnection:
    defaults: dict[str, Any] = {
        "connector": "mautic",
        "settings": {"base_url": "https://m.example"},
        "secrets": {"password": "platform-password"},
        "webhook_secrets": ("webhook-secret",),
        "author": "maturo",
        "version": "6",
    }
    return connections.NewConnection(name, **(defaults | given))


def later(**by: float) -> datetime:
    return NOW + timedelta(**by)


def contact(connection: Connection, platform_id: str = "42", source: int = ACME) -> int:
    return contacts.register(connection, source, [platform_id])[platform_id]


def visit(id: str, at: datetime = NOW, **attributes: Any) -> Activity:
    page = Subject("page", url="https://shop.example/")
    return Activity(id, "platform's", "page_viewed", at, page, attributes)


def told(at: datetime = NOW, order: str = "1", **fields: Any) -> ProfileChange:
    return ProfileChange("platform's", at, order, fields)


def line(points: int = 5, activity: str = "1", **given: Any) -> Line:
    defaults: dict[str, Any] = {
        "rule": "visit",
        "group": "pages",
        "dimension": "engagement",
        "points": points,
        "decay": NoDecay(),
        "valid_from": NOW,
        "valid_to": None,
        "activities": (activity,),
        "reason": "activity.earned",
        "params": {"b": 1, "a": None},
    }
    return Line(**(defaults | given))


def rows(connection: Connection, table: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(metadata.tables[table].select()).mappings()]
