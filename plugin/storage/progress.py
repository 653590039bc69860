"""Small facts about the installation, committed together with the work they describe."""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, select

from .tables import progress
from .upsert import insert_new, upsert

_CURSOR, _EPOCH, _SALT = "inbox_cursor", "inbox_epoch", "erasure_salt"


def inbox_cursor(connection: Connection) -> int:
    """Id of the last receipt whose results are committed; 0 before the first."""
    return int(_value(connection, _CURSOR) or 0)


def advance_inbox_cursor(connection: Connection, receipt_id: int) -> None:
    """Note that every receipt up to this one is done."""
    upsert(connection, progress, [{"name": _CURSOR, "value": str(receipt_id)}])


def inbox_epoch(connection: Connection) -> str | None:
    """The epoch of the inbox this database belongs to, ``None`` before they met."""
    return _value(connection, _EPOCH)


def adopt_inbox_epoch(connection: Connection, epoch: str) -> None:
    """Bind this database to that inbox for good."""
    insert_new(connection, progress, [{"name": _EPOCH, "value": epoch}])


def erasure_salt(connection: Connection) -> bytes:
    """The installation's own salt of erasure proofs, made at first use."""
    insert_new(connection, progress, [{"name": _SALT, "value": secrets.token_hex(32)}])
    return bytes.fromhex(_value(connection, _SALT) or "")


def _value(connection: Connection, name: str) -> str | None:
    return connection.execute(
        select(progress.c.value).where(progress.c.name == name)
    ).scalar_one_or_none()
