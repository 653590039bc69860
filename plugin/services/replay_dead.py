"""Use case: read dead letters again, after the code or the platform was mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

import structlog
from sqlalchemy import Connection, Engine

from connectors.activity import Reading
from plugin.storage import connections, dead_letters
from plugin.storage.connections import StoredConnection
from plugin.storage.dead_letters import DeadLetter
from plugin.storage.inbox import Inbox
from plugin.storage.vault import Vault

from . import audit
from .plan_actions import score_contacts
from .rescore import live_scorecard
from .score import PASSING, Connectors, keep

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many letters were read at last, and how many still cannot be."""

    resolved: int
    remaining: int


def replay_dead(
    inbox: Inbox,
    engine: Engine,
    vault: Vault,
    connectors: Connectors,
    letters: Sequence[DeadLetter],
    now: datetime,
    edited: Mapping[int, bytes] = MappingProxyType({}),
    who: str = audit.COMMAND_LINE,
) -> Replayed:
    """Read the receipts of these letters again and score what is in them.

    The whole receipt is taken: its other items are there already and repeats change nothing. One
    that still breaks the scoring is logged and remains. ``edited`` are bodies that a person mended,
    by the receipt; what arrived is kept as it is.
    """
    resolved = 0
    for receipt_id in sorted({letter.receipt_id for letter in letters}):
        own = [letter for letter in letters if letter.receipt_id == receipt_id]
        try:
            body = edited.get(receipt_id)
            resolved += _replay(inbox, engine, vault, connectors, receipt_id, own, now, body, who)
        except PASSING:
            raise
        except Exception as error:
            # The type alone: a message may quote what the contact typed.
            _log.error("receipt_not_replayed", receipt=receipt_id, kind=type(error).__name__)
    return Replayed(resolved, len(letters) - resolved)


def reread(
    inbox: Inbox,
    connection: Connection,
    vault: Vault,
    connectors: Connectors,
    receipt_id: int,
    body: bytes | None = None,
) -> tuple[StoredConnection, Reading] | None:
    """What the receipt says to the code and the settings of today, or what another body would.

    ``None`` when the receipt is not there any more, or its connection.
    """
    receipts = [one for one in inbox.read(receipt_id - 1, 1) if one.id == receipt_id]
    if not receipts or receipt_id < 1:
        return None
    source = connections.find(connection, vault, receipts[0].connection)
    if source is None:
        return None
    told, connector = receipts[0], connectors(source.connector)
    return source, connector.read_webhook(told.headers, body or told.body, source.settings)


def still_broken(letter: DeadLetter, reading: Reading) -> str | None:
    """Why the item of the letter cannot be read this time either; ``None``: it can."""
    found = {(item.event, item.index): item.reason for item in reading.broken}
    return found.get((letter.event, letter.item))


def _replay(
    inbox: Inbox,
    engine: Engine,
    vault: Vault,
    connectors: Connectors,
    receipt_id: int,
    letters: Sequence[DeadLetter],
    now: datetime,
    body: bytes | None,
    who: str,
) -> int:
    with engine.begin() as connection:
        again = reread(inbox, connection, vault, connectors, receipt_id, body)
        if again is None:
            return 0
        source, reading = again
        live = live_scorecard(connection)
        # What is counted was counted when the receipt was first read.
        found = {source.name: [(receipt_id, replace(reading, ignored={}, test=False))]}
        own = {source.name: source}
        keep(connection, own, found, connectors, live, score_contacts, now)
        mended = [one.id for one in letters if still_broken(one, reading) is None]
        dead_letters.resolve(connection, mended, now)
        if mended:
            told = f"{len(mended)} items" + (", the body mended by hand" if body else "")
            audit.record(
                connection, who, "dead_letters.replayed", f"receipt {receipt_id}", None, told, now
            )
    return len(mended)
