"""Who may use the pages, and the links by which one becomes a user."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from .moments import from_us, to_us
from .tables import invitations, users

#: What may be changed of a user, and looked for.
COLUMNS = frozenset(column.name for column in users.columns) - {"id", "created_at"}


@dataclass(frozen=True, slots=True)
class StoredUser:
    """A user as stored; ``totp`` and ``recovery_codes`` are encrypted."""

    id: int
    email: str = field(repr=False)
    name: str = field(repr=False)
    password: str | None = field(repr=False)
    role: str
    active: bool
    uniquifier: str = field(repr=False)
    language: str | None
    timezone: str | None
    totp: str | None = field(repr=False)
    totp_counter: int | None = field(repr=False)
    recovery_codes: str | None = field(repr=False)
    subject: str | None = field(repr=False)
    created_at: datetime
    last_login_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that still works. ``email`` is ``None`` for the one to the first admin."""

    digest: str = field(repr=False)
    email: str | None = field(repr=False)
    role: str
    invited_by: int | None
    expires_at: datetime


def find_user(connection: Connection, column: str, value: Any) -> StoredUser | None:
    """The one user with that value in a column whose values are unique."""
    row = connection.execute(select(users).where(users.c[column] == value)).one_or_none()
    return None if row is None else _user(row)


def all_users(connection: Connection) -> list[StoredUser]:
    """Every user, by address."""
    return [_user(row) for row in connection.execute(select(users).order_by(users.c.email))]


def count_users(connection: Connection, role: str | None = None) -> int:
    """How many active users there are, in all or of a role."""
    statement = select(func.count()).select_from(users).where(users.c.active == 1)
    if role is not None:
        statement = statement.where(users.c.role == role)
    counted: int = connection.execute(statement).scalar_one()
    return counted


def add_user(connection: Connection, values: Mapping[str, Any], now: datetime) -> int:
    """Insert a user with these columns; answers our number."""
    row = {"active": 1, **values, "created_at": to_us(now)}
    number: int = connection.execute(insert(users).values(row).returning(users.c.id)).scalar_one()
    return number


def change_user(connection: Connection, user_id: int, values: Mapping[str, Any]) -> None:
    """Change these columns of a user and no others: somebody else may change the others."""
    if unknown := values.keys() - COLUMNS:
        raise KeyError(f"users have no column {', '.join(sorted(unknown))} to be changed")
    if values:
        connection.execute(update(users).where(users.c.id == user_id).values(dict(values)))


def add_invitation(connection: Connection, invitation: Invitation) -> None:
    """Keep a link."""
    connection.execute(
        insert(invitations).values(
            digest=invitation.digest,
            email=invitation.email,
            role=invitation.role,
            invited_by=invitation.invited_by,
            expires_at=to_us(invitation.expires_at),
        )
    )


def find_invitation(connection: Connection, digest: str, now: datetime) -> Invitation | None:
    """The link of that digest, unless it was used or is too old."""
    row = connection.execute(
        select(invitations).where(
            invitations.c.digest == digest,
            invitations.c.used_at.is_(None),
            invitations.c.expires_at > to_us(now),
        )
    ).one_or_none()
    if row is None:
        return None
    expires_at = from_us(row.expires_at)
    return Invitation(row.digest, row.email, row.role, row.invited_by, expires_at)


def use_invitation(connection: Connection, digest: str, now: datetime) -> bool:
    """Take a link for good; ``False`` when somebody else took it or it is too old."""
    done = connection.execute(
        update(invitations)
        .where(
            invitations.c.digest == digest,
            invitations.c.used_at.is_(None),
            invitations.c.expires_at > to_us(now),
        )
        .values(used_at=to_us(now))
    )
    return bool(done.rowcount)


def pending_invitations(connection: Connection, now: datetime) -> list[Invitation]:
    """The links to somebody that still work, by address."""
    rows = connection.execute(
        select(invitations)
        .where(
            invitations.c.email.is_not(None),
            invitations.c.used_at.is_(None),
            invitations.c.expires_at > to_us(now),
        )
        .order_by(invitations.c.email)
    )
    return [
        Invitation(row.digest, row.email, row.role, row.invited_by, from_us(row.expires_at))
        for row in rows
    ]


def withdraw_invitations(connection: Connection, email: str, now: datetime) -> int:
    """End every link to that address; how many there were."""
    done = connection.execute(
        update(invitations)
        .where(invitations.c.email == email, invitations.c.used_at.is_(None))
        .values(used_at=to_us(now))
    )
    return done.rowcount


def _user(row: Row[Any]) -> StoredUser:
    values = dict(row._mapping)
    last = values.pop("last_login_at")
    return StoredUser(
        **{
            **values,
            "active": bool(row.active),
            "created_at": from_us(row.created_at),
            "last_login_at": None if last is None else from_us(last),
        }
    )
