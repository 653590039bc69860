"""Use case: programs come in by keys that people made, and can end."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Engine

from plugin.storage import api_keys
from plugin.storage.api_keys import ApiKey
from plugin.storage.engine import for_reading

from .audit import record

#: What a key may be for, and the role that it then has.
SCOPES = {"read": "viewer", "write": "marketer", "admin": "admin"}
#: Scanners that look for lost secrets know them by it.
_MARK = "maturo_"
#: Use is noted so often at most: readers do not wait for writers.
_NOTED = timedelta(minutes=10)


def make_key(
    engine: Engine, name: str, scope: str, expires_at: datetime | None, who: str, now: datetime
) -> str:
    """A new key, told this once. ``scope`` is one of ``SCOPES``."""
    token = _MARK + secrets.token_urlsafe(32)
    start = token[: len(_MARK) + 4]
    with engine.begin() as connection:
        api_keys.add(connection, _digest(token), start, name, scope, who, expires_at, now)
        record(connection, who, "key.made", f"{name} ({start}…)", None, scope, now)
    return token


def key_of(engine: Engine, token: str, now: datetime) -> ApiKey | None:
    """The key, if it still counts; that it was used is noted every few minutes."""
    with for_reading(engine).begin() as connection:
        found = api_keys.find(connection, _digest(token))
    if found is None or found.revoked_at is not None:
        return None
    if found.expires_at is not None and found.expires_at <= now:
        return None
    if found.last_used_at is None or now - found.last_used_at >= _NOTED:
        with engine.begin() as connection:
            api_keys.used(connection, found.id, now)
    return found


def every_key(engine: Engine) -> list[ApiKey]:
    """All keys, ended ones too, the newest first."""
    with for_reading(engine).begin() as connection:
        return api_keys.every(connection)


def revoke_key(engine: Engine, key_id: int, who: str, now: datetime) -> bool:
    """End a key at once; ``False`` when it is not there or was ended before."""
    with engine.begin() as connection:
        found = api_keys.revoke(connection, key_id, now)
        if found is not None:
            shown = f"{found.name} ({found.start}…)"
            record(connection, who, "key.revoked", shown, found.scope, None, now)
    return found is not None


def _digest(token: str) -> str:
    # The key is random: a slow hash would protect nothing more.
    return sha256(token.encode()).hexdigest()
