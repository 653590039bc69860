"""Use case: somebody becomes a user, by a link that works once."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from plugin.storage import locks, users
from plugin.storage.engine import for_reading
from plugin.storage.users import Invitation

from .audit import record

_FIRST_LASTS = timedelta(hours=1)
_LASTS = timedelta(days=7)
_BACK_LASTS = timedelta(days=1)


class InvalidInvitation(LookupError):
    """The link was used, is too old, or never was one."""


class UserExists(ValueError):
    """Somebody with that address is a user already."""


def invite(engine: Engine, email: str, role: str, who: str, by: int | None, now: datetime) -> str:
    """The token of a link, good for a week, by which that address becomes a user.

    Links made for it before end. Raises ``UserExists``.
    """
    with engine.begin() as connection:
        if users.find_user(connection, "email", email) is not None:
            raise UserExists(f"{email} is a user already")
        users.withdraw_invitations(connection, email, now)
        record(connection, who, "user.invited", email, None, role, now)
        return _invite(connection, email, role, by, now + _LASTS)


def invite_back(engine: Engine, user_id: int, who: str, by: int | None, now: datetime) -> str:
    """The token of a link by which a user who forgot it chooses a new password, good for a day."""
    with engine.begin() as connection:
        user = users.find_user(connection, "id", user_id)
        if user is None:
            raise LookupError("there is no such user")
        users.withdraw_invitations(connection, user.email, now)
        record(connection, who, "user.password_link", user.email, None, None, now)
        return _invite(connection, user.email, user.role, by, now + _BACK_LASTS)


def withdraw(engine: Engine, email: str, who: str, now: datetime) -> None:
    """End the links to an address."""
    with engine.begin() as connection:
        if users.withdraw_invitations(connection, email, now):
            record(connection, who, "user.uninvited", email, None, None, now)


def first_link(engine: Engine, roles: Sequence[str], now: datetime) -> str | None:
    """The token of a new link to the first admin (the highest of ``roles``), good for an hour.

    ``None`` once there is a user.
    """
    with engine.begin() as connection:
        if users.count_users(connection):
            return None
        return _invite(connection, None, roles[-1], None, now + _FIRST_LASTS)


def invited(engine: Engine, token: str, now: datetime) -> Invitation:
    """What a link is for. Raises ``InvalidInvitation``."""
    with for_reading(engine).begin() as connection:
        return _open(connection, token, now)


def accept(
    engine: Engine, token: str, email: str, name: str, password: str | None, now: datetime
) -> int:
    """Make the user (our number) that the link is for; ``password`` is hashed already.

    Who is a user already gets the password, every session ends, and the provider's word is bound
    anew. ``email`` counts only for the
    first admin. Raises ``InvalidInvitation`` or ``UserExists``.
    """
    with engine.begin() as connection:
        locks.alone(connection, "users")
        invitation = _open(connection, token, now)
        users.use_invitation(connection, invitation.digest, now)
        address = invitation.email or email
        known = users.find_user(connection, "email", address)
        if known is not None and invitation.email is not None:
            # Another account at the identity provider may be theirs from now on.
            changed = {"password": password, "subject": None}
            changed["uniquifier"] = secrets.token_hex(16)
            users.change_user(connection, known.id, changed)
            record(connection, address, "user.password_changed", address, None, None, now)
            return known.id
        number = _add(connection, address, name, password, invitation.role, now)
        record(connection, address, "user.joined", address, None, invitation.role, now)
        return number


def _open(connection: Connection, token: str, now: datetime) -> Invitation:
    found = users.find_invitation(connection, _digest(token), now)
    # Several processes may each have made a link to the first admin.
    if found is None or (found.email is None and users.count_users(connection)):
        raise InvalidInvitation("the link was used or is too old: ask for a new one")
    return found


def _add(
    connection: Connection, email: str, name: str, password: str | None, role: str, now: datetime
) -> int:
    values = {"email": email, "name": name, "password": password, "role": role}
    try:
        uniquifier = secrets.token_hex(16)
        return users.add_user(connection, {**values, "uniquifier": uniquifier}, now)
    except IntegrityError:
        raise UserExists(f"{email} is a user already") from None


def _invite(
    connection: Connection,
    email: str | None,
    role: str,
    invited_by: int | None,
    expires_at: datetime,
) -> str:
    token = secrets.token_urlsafe(32)
    users.add_invitation(
        connection, Invitation(_digest(token), email, role, invited_by, expires_at)
    )
    return token


def _digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()
