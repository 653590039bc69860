"""Use case: somebody for whom the identity provider vouches comes in, if they were invited."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine

from plugin.storage import locks, users

from .audit import record


class NotInvited(LookupError):
    """Nobody invited this address, or the invitation ended."""


class Unverified(LookupError):
    """The provider does not vouch for an address, by which alone a stranger would be known."""


class OtherAccount(LookupError):
    """The user of this address came in before by another account at the provider."""


class LetOut(PermissionError):
    """An administrator let this user out."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for: its name and theirs there make ``subject``.

    ``email`` is in small letters, and ``None`` unless the provider has verified it.
    """

    subject: str = field(repr=False)
    email: str | None = field(repr=False)
    name: str = field(repr=False)


def sign_in(engine: Engine, vouched: Vouched, now: datetime) -> int:
    """The user (our number) who is meant, made by the first sign-in after an invitation.

    Raises ``NotInvited``, ``Unverified``, ``OtherAccount`` or ``LetOut``.
    """
    with engine.begin() as connection:
        locks.alone(connection, "users")
        known = users.find_user(connection, "subject", vouched.subject)
        if known is None:
            return _first_time(connection, vouched, now)
        if not known.active:
            raise LetOut(known.email)
        return known.id


def _first_time(connection: Connection, vouched: Vouched, now: datetime) -> int:
    if vouched.email is None:
        raise Unverified("the provider does not say that the address is verified")
    known = users.find_user(connection, "email", vouched.email)
    if known is None:
        return _joined(connection, vouched, vouched.email, now)
    if not known.active:
        raise LetOut(known.email)
    if known.subject is not None:
        raise OtherAccount(known.email)
    users.change_user(connection, known.id, {"subject": vouched.subject})
    record(connection, known.email, "user.bound", known.email, None, None, now)
    return known.id


def _joined(connection: Connection, vouched: Vouched, email: str, now: datetime) -> int:
    pending = users.pending_invitations(connection, now)
    role = next((one.role for one in pending if one.email == email), None)
    if role is None:
        raise NotInvited(email)
    users.withdraw_invitations(connection, email, now)
    record(connection, email, "user.joined", email, None, role, now)
    values = {"email": email, "name": vouched.name, "role": role, "subject": vouched.subject}
    return users.add_user(connection, {**values, "uniquifier": secrets.token_hex(16)}, now)
