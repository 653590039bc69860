"""Use case: sales says what a contact was worth, by the one link that came with the call.

The link names the contact and its last day, encrypted by the vault: nobody can make one, change
one, or read a contact's number in it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, Engine

from plugin.scoring.verdicts import Word
from plugin.storage import contacts, verdicts
from plugin.storage.engine import for_reading
from plugin.storage.moments import from_us, to_us
from plugin.storage.vault import Vault, VaultError
from plugin.storage.verdicts import StoredVerdict

from . import audit
from .explain import locate

#: A call that nobody made within this is no news.
_VALID = timedelta(days=60)
_PURPOSE = "verdict"
_LONGEST = 500


class BadLink(ValueError):
    """The link was not made here, was changed, has expired, or its contact is gone."""


def verdict_links(
    vault: Vault, public_url: str, clock: Callable[[], datetime]
) -> Callable[[int], str] | None:
    """Makes the link of a contact (our id); ``None`` where nobody could reach us by it."""
    if not public_url:
        return None

    def link(contact_id: int) -> str:
        until = to_us(clock() + _VALID)
        token = vault.encrypt(orjson.dumps([_PURPOSE, contact_id, until]).decode())
        return f"{public_url.rstrip('/')}/verdict/{token}"

    return link


def judged_contact(engine: Engine, vault: Vault, token: str, now: datetime) -> str:
    """The address of the contact that a link is about. Raises ``BadLink``."""
    with for_reading(engine).begin() as connection:
        found = _contact(connection, vault, token, now)
        return contacts.addresses(connection, [found])[found]


def judge_contact(
    engine: Engine,
    vault: Vault,
    address: str,
    word: Word,
    reason: str,
    who: str,
    now: datetime,
) -> None:
    """Keep what a user says of ``CONNECTION/CONTACT``. Raises ``UnknownContact``."""
    with engine.begin() as connection:
        found = locate(connection, vault, address).id
        verdicts.add(connection, _said(found, word, reason, now))
        audit.record(connection, who, "verdict.given", address, None, word, now)


def judge(engine: Engine, vault: Vault, token: str, word: Word, reason: str, now: datetime) -> None:
    """Keep what sales says of the contact of a link. Raises ``BadLink``."""
    with engine.begin() as connection:
        found = _contact(connection, vault, token, now)
        verdicts.add(connection, _said(found, word, reason, now))


def _said(contact_id: int, word: Word, reason: str, now: datetime) -> StoredVerdict:
    return StoredVerdict(contact_id, now, word, reason.strip()[:_LONGEST] or None)


def _contact(connection: Connection, vault: Vault, token: str, now: datetime) -> int:
    try:
        purpose, contact_id, until = orjson.loads(vault.decrypt(token))
    except (VaultError, ValueError):
        raise BadLink("the link was not made here, or it was changed") from None
    if purpose != _PURPOSE:
        raise BadLink("the link is for something else")
    if now > from_us(until):
        raise BadLink("the link has expired")
    found = contacts.holder(connection, contact_id)
    if found is None:
        raise BadLink("the contact is gone")
    return found
