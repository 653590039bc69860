"""The keys by which programs come in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from .moments import from_us, to_us
from .tables import api_keys


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it may be shown: ``start`` is its beginning, by which its owner knows it."""

    id: int
    start: str
    name: str
    scope: str
    created_by: str = field(repr=False)
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


def add(
    connection: Connection,
    digest: str,
    start: str,
    name: str,
    scope: str,
    created_by: str,
    expires_at: datetime | None,
    now: datetime,
) -> int:
    """Keep a key; answers its number."""
    row = {
        "digest": digest,
        "start": start,
        "name": name,
        "scope": scope,
        "created_by": created_by,
        "created_at": to_us(now),
        "expires_at": None if expires_at is None else to_us(expires_at),
    }
    added: int = connection.execute(
        insert(api_keys).values(row).returning(api_keys.c.id)
    ).scalar_one()
    return added


def find(connection: Connection, digest: str) -> ApiKey | None:
    """The key of that digest, whether it still counts or not."""
    row = connection.execute(select(api_keys).where(api_keys.c.digest == digest)).one_or_none()
    return None if row is None else _key(row)


def every(connection: Connection) -> list[ApiKey]:
    """All keys, the newest first."""
    return [
        _key(row) for row in connection.execute(select(api_keys).order_by(api_keys.c.id.desc()))
    ]


def used(connection: Connection, key_id: int, now: datetime) -> None:
    """Note that a key was used."""
    connection.execute(
        update(api_keys).where(api_keys.c.id == key_id).values(last_used_at=to_us(now))
    )


def revoke(connection: Connection, key_id: int, now: datetime) -> ApiKey | None:
    """End a key; ``None`` when there is none of that number, or it was ended before."""
    row = connection.execute(
        update(api_keys)
        .where(api_keys.c.id == key_id, api_keys.c.revoked_at.is_(None))
        .values(revoked_at=to_us(now))
        .returning(api_keys)
    ).one_or_none()
    return None if row is None else _key(row)


def _key(row: Row[Any]) -> ApiKey:
    moments = {
        name: None if row._mapping[name] is None else from_us(row._mapping[name])
        for name in ("expires_at", "last_used_at", "revoked_at")
    }
    return ApiKey(
        id=row.id,
        start=row.start,
        name=row.name,
        scope=row.scope,
        created_by=row.created_by,
        created_at=from_us(row.created_at),
        **moments,
    )
