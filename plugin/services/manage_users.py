"""Use case: an administrator looks after the users. There is always one who can."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine

from plugin.storage import locks, users
from plugin.storage.engine import for_reading
from plugin.storage.users import Invitation, StoredUser

from .audit import record


class LastAdmin(Exception):
    """Nobody could look after the users any more."""


class UnknownUser(LookupError):
    """There is no user of that number."""


@dataclass(frozen=True, slots=True)
class Everybody:
    """All users, and those who were invited and did not come yet."""

    users: tuple[StoredUser, ...]
    invited: tuple[Invitation, ...]


def everybody(engine: Engine, now: datetime) -> Everybody:
    """Who may come in."""
    with for_reading(engine).begin() as connection:
        known = users.all_users(connection)
        addresses = {one.email for one in known}
        invited = users.pending_invitations(connection, now)
    return Everybody(tuple(known), tuple(one for one in invited if one.email not in addresses))


def change_role(
    engine: Engine, user_id: int, role: str, highest: str, who: str, now: datetime
) -> None:
    """Give a user another role. Raises ``LastAdmin`` for the last of the ``highest``."""
    with engine.begin() as connection:
        user = _held(connection, user_id)
        _keep_one(connection, user, highest, user.active and role != highest)
        users.change_user(connection, user_id, {"role": role})
        record(connection, who, "user.role_changed", user.email, user.role, role, now)


def set_active(
    engine: Engine, user_id: int, active: bool, highest: str, who: str, now: datetime
) -> None:
    """Let a user in, or out at once. Raises ``LastAdmin`` for the last of the ``highest``."""
    with engine.begin() as connection:
        user = _held(connection, user_id)
        _keep_one(connection, user, highest, not active)
        changed = {"active": int(active), "uniquifier": secrets.token_hex(16)}
        users.change_user(connection, user_id, changed)
        what = "user.activated" if active else "user.deactivated"
        record(connection, who, what, user.email, None, None, now)


def drop_second_factor(engine: Engine, user_id: int, who: str, now: datetime) -> None:
    """Let a user who lost the second factor in by the password alone; sessions end."""
    gone = {"totp": None, "totp_counter": None, "recovery_codes": None}
    _change(engine, user_id, gone, "user.second_factor_removed", who, now)


def end_sessions(engine: Engine, user_id: int, who: str, now: datetime) -> None:
    """Sign a user out everywhere."""
    _change(engine, user_id, {}, "user.sessions_ended", who, now)


def change_own(engine: Engine, user_id: int, values: Mapping[str, Any]) -> None:
    """Change how a user is named, and in which language and time zone they read."""
    with engine.begin() as connection:
        users.change_user(connection, user_id, values)


def _change(
    engine: Engine, user_id: int, values: Mapping[str, Any], what: str, who: str, now: datetime
) -> None:
    with engine.begin() as connection:
        user = _held(connection, user_id)
        changed = {**values, "uniquifier": secrets.token_hex(16)}
        users.change_user(connection, user_id, changed)
        record(connection, who, what, user.email, None, None, now)


def _held(connection: Connection, user_id: int) -> StoredUser:
    locks.alone(connection, "users")
    user = users.find_user(connection, "id", user_id)
    if user is None:
        raise UnknownUser("there is no such user")
    return user


def _keep_one(connection: Connection, user: StoredUser, highest: str, leaves: bool) -> None:
    if leaves and user.role == highest and users.count_users(connection, highest) < 2:
        raise LastAdmin("the last administrator stays one: make somebody else one first")
