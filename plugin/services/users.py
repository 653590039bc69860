"""Use case: what is looked up and noted of users while they sign in and work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from plugin.storage import users
from plugin.storage.engine import for_reading
from plugin.storage.moments import to_us
from plugin.storage.users import StoredUser


def find_user(engine: Engine, column: str, value: Any) -> StoredUser | None:
    """The user with that value in a column whose values are unique."""
    with for_reading(engine).begin() as connection:
        return users.find_user(connection, column, value)


def change_user(engine: Engine, user_id: int, values: Mapping[str, Any]) -> None:
    """Change these columns of a user, and no others."""
    with engine.begin() as connection:
        users.change_user(connection, user_id, values)


def note_login(engine: Engine, user_id: int, now: datetime) -> None:
    """Note that a user signed in."""
    change_user(engine, user_id, {"last_login_at": to_us(now)})
