"""Configured platforms. Secrets are encrypted before they touch the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, select, update

from .moments import from_us, to_us
from .tables import connections, lags, paces, positions, speakers, webhooks
from .upsert import upsert
from .vault import Vault

#: ``SETTING_UP``: the platform accepts us, but fields and webhook are still to be made there; what
#: it delivers is received. ``REMOVED``: nothing is received or sent, no secret is kept; what was
#: learnt stays.
SETTING_UP, READY = "setting_up", "ready"
NEEDS_AUTHENTICATION, REMOVED = "needs_authentication", "removed"

#: How activities reach us: by the webhook and, for what it lost, by polling; or by one of them.
BOTH, POLL, WEBHOOK = "both", "poll", "webhook"


class UnknownConnection(LookupError):
    """Nobody configured a connection of that name."""


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """One configured platform. ``repr`` shows no secret."""

    id: int
    name: str
    connector: str
    settings: Mapping[str, Any] = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    author: str | None
    version: str | None
    state: str
    created_at: datetime
    mode: str = BOTH
    webhook_url: str | None = None


@dataclass(frozen=True, slots=True)
class KnownConnection:
    """One configured platform as everybody may see it."""

    id: int
    name: str
    connector: str
    settings: Mapping[str, Any]
    state: str
    webhook_url: str | None
    mode: str = BOTH
    version: str | None = None


@dataclass(frozen=True, slots=True)
class StoredInbound:
    """What tells whether a body comes from a platform; the settings are those that are no secret.

    ``repr`` shows no secret.
    """

    connector: str
    webhook_secrets: tuple[str, ...] = field(repr=False)
    settings: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewConnection:
    """What is needed to save one. ``secrets`` holds the settings to encrypt.

    ``webhook_url`` is where the platform was told to deliver, if we told it.
    """

    name: str
    connector: str
    settings: Mapping[str, Any]
    secrets: Mapping[str, Any] = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    author: str | None
    version: str | None
    mode: str = BOTH
    webhook_url: str | None = None
    state: str = READY


def save(connection: Connection, vault: Vault, new: NewConnection, now: datetime) -> None:
    """Insert the connection, or replace the one of that name but for its id and birth."""
    values: dict[str, Any] = {
        "name": new.name,
        "connector": new.connector,
        "settings": orjson.dumps(dict(new.settings)).decode(),
        "secrets": vault.encrypt(orjson.dumps(dict(new.secrets)).decode()),
        "webhook_secrets": vault.encrypt(orjson.dumps(new.webhook_secrets).decode()),
        "author": new.author,
        "version": new.version,
        "mode": new.mode,
        "state": new.state,
    }
    if new.webhook_url is not None or new.mode == POLL:
        # Who does not install it says nothing about the one that is there.
        values["webhook_url"] = new.webhook_url
    known = connection.execute(
        select(connections.c.id).where(connections.c.name == new.name)
    ).scalar_one_or_none()
    if known is None:
        upsert(connection, connections, [values | {"created_at": to_us(now)}])
    else:
        connection.execute(update(connections).where(connections.c.id == known).values(values))


def known(connection: Connection) -> list[KnownConnection]:
    """Every connection by name, without anything secret: no key is needed."""
    rows = connection.execute(select(connections).order_by(connections.c.name))
    return [
        KnownConnection(
            row.id,
            row.name,
            row.connector,
            orjson.loads(row.settings),
            row.state,
            row.webhook_url,
            row.mode,
            row.version,
        )
        for row in rows
    ]


def remove(connection: Connection, vault: Vault, connection_id: int) -> None:
    """Forget its secrets and let nothing in or out any more; ``save`` brings it back.

    How far its platform was read, and how well it was heard, is forgotten too: who comes back
    after months begins anew.
    """
    for table in (positions, webhooks, lags, paces, speakers):
        connection.execute(delete(table).where(table.c.connection_id == connection_id))
    connection.execute(
        update(connections)
        .where(connections.c.id == connection_id)
        .values(
            secrets=vault.encrypt(orjson.dumps({}).decode()),
            webhook_secrets=vault.encrypt(orjson.dumps([]).decode()),
            webhook_url=None,
            state=REMOVED,
        )
    )


def find(connection: Connection, vault: Vault, name: str) -> StoredConnection | None:
    """The connection of that name, its secrets readable."""
    row = connection.execute(select(connections).where(connections.c.name == name)).one_or_none()
    return None if row is None else _stored(row, vault)


def all_connections(connection: Connection, vault: Vault) -> list[StoredConnection]:
    """Every connection, by name."""
    rows = connection.execute(select(connections).order_by(connections.c.name))
    return [_stored(row, vault) for row in rows]


def find_inbound(connection: Connection, vault: Vault, name: str) -> StoredInbound | None:
    """What a receiver needs of the connection of that name, if it receives."""
    row = connection.execute(
        select(
            connections.c.connector, connections.c.webhook_secrets, connections.c.settings
        ).where(connections.c.name == name, connections.c.state != REMOVED)
    ).one_or_none()
    if row is None:
        return None
    return StoredInbound(
        row.connector,
        tuple(orjson.loads(vault.decrypt(row.webhook_secrets))),
        orjson.loads(row.settings),
    )


def set_state(connection: Connection, connection_id: int, state: str) -> None:
    """``READY``, or ``NEEDS_AUTHENTICATION`` until somebody connects it again."""
    connection.execute(
        update(connections).where(connections.c.id == connection_id).values(state=state)
    )


def _stored(row: Row[Any], vault: Vault) -> StoredConnection:
    settings = orjson.loads(row.settings) | orjson.loads(vault.decrypt(row.secrets))
    return StoredConnection(
        id=row.id,
        name=row.name,
        connector=row.connector,
        settings=settings,
        webhook_secrets=tuple(orjson.loads(vault.decrypt(row.webhook_secrets))),
        author=row.author,
        version=row.version,
        state=row.state,
        created_at=from_us(row.created_at),
        mode=row.mode,
        webhook_url=row.webhook_url,
    )
