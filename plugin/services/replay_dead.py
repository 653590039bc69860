"""Use case: read dead letters again, after the code or the platform was mended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Engine

from connectors.activity import Reading
from plugin.storage import connections, dead_letters
from plugin.storage.dead_letters import DeadLetter
from plugin.storage.inbox import Inbox
from plugin.storage.vault import Vault

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
) -> Replayed:
    """Read the receipts of these letters again and score what is in them.

    The whole receipt is taken: its other items are there already and repeats change nothing. One
    that still breaks the scoring is logged and remains.
    """
    resolved = 0
    for receipt_id in sorted({letter.receipt_id for letter in letters}):
        own = [letter for letter in letters if letter.receipt_id == receipt_id]
        try:
            resolved += _replay(inbox, engine, vault, connectors, receipt_id, own, now)
        except PASSING:
            raise
        except Exception as error:
            # The type alone: a message may quote what the contact typed.
            _log.error("receipt_not_replayed", receipt=receipt_id, kind=type(error).__name__)
    return Replayed(resolved, len(letters) - resolved)


def _replay(
    inbox: Inbox,
    engine: Engine,
    vault: Vault,
    connectors: Connectors,
    receipt_id: int,
    letters: Sequence[DeadLetter],
    now: datetime,
) -> int:
    receipts = [one for one in inbox.read(receipt_id - 1, 1) if one.id == receipt_id]
    if not receipts:
        return 0
    with engine.begin() as connection:
        source = connections.find(connection, vault, receipts[0].connection)
        if source is None:
            return 0
        reading = connectors(source.connector).read_webhook(receipts[0].body)
        live = live_scorecard(connection)
        # What is counted was counted when the receipt was first read.
        found = {source.name: [(receipt_id, replace(reading, ignored={}, test=False))]}
        own = {source.name: source}
        keep(connection, own, found, connectors, live, score_contacts, now)
        mended = _mended(letters, reading)
        dead_letters.resolve(connection, mended, now)
    return len(mended)


def _mended(letters: Iterable[DeadLetter], reading: Reading) -> list[int]:
    still = {(item.event, item.index) for item in reading.broken}
    return [letter.id for letter in letters if (letter.event, letter.item) not in still]
