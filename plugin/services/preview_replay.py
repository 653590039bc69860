"""Use case: what reading dead letters again would bring. Nothing is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Engine

from connectors.activity import Activity, Reading
from plugin.storage import histories
from plugin.storage.connections import StoredConnection
from plugin.storage.dead_letters import DeadLetter
from plugin.storage.engine import for_reading
from plugin.storage.inbox import Inbox
from plugin.storage.vault import Vault

from .replay_dead import reread, still_broken
from .score import Connectors


@dataclass(frozen=True, slots=True)
class NewActivity:
    """An activity that would be scored; ``contact`` is the platform's id."""

    connection: str
    contact: str
    kind: str
    subject: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What would come of it.

    Of the letters ``readable`` can be read now, ``unreadable`` still cannot (how many by reason),
    and of ``gone`` ones the receipt is there no more. ``activities`` are those that nobody told
    before; ``others`` counts the rest that is read, such as profiles, most of it known already.
    """

    readable: int
    unreadable: Mapping[str, int]
    gone: int
    activities: tuple[NewActivity, ...]
    others: int


def preview_replay(
    inbox: Inbox,
    engine: Engine,
    vault: Vault,
    connectors: Connectors,
    letters: Sequence[DeadLetter],
    edited: Mapping[int, bytes] = MappingProxyType({}),
) -> Preview:
    """Read the receipts of these letters as ``replay_dead`` would, with the same ``edited``."""
    readable, gone, others = 0, 0, 0
    unreadable: Counter[str] = Counter()
    activities: list[NewActivity] = []
    for receipt_id in sorted({letter.receipt_id for letter in letters}):
        own = [letter for letter in letters if letter.receipt_id == receipt_id]
        with for_reading(engine).begin() as connection:
            body = edited.get(receipt_id)
            again = reread(inbox, connection, vault, connectors, receipt_id, body)
        if again is None:
            gone += len(own)
            continue
        reasons = [still_broken(letter, again[1]) for letter in own]
        unreadable.update(reason for reason in reasons if reason is not None)
        readable += reasons.count(None)
        new = _new(engine, *again)
        activities += new
        others += len(again[1].items) - len(new)
    return Preview(readable, unreadable, gone, tuple(activities), others)


def _new(engine: Engine, source: StoredConnection, reading: Reading) -> list[NewActivity]:
    told = {one.id: one for one in reading.items if isinstance(one, Activity)}
    with for_reading(engine).begin() as connection:
        known = histories.holders(connection, source.id, set(told))
    return [
        NewActivity(source.name, one.contact, one.kind, _subject(one), one.occurred_at)
        for one in told.values()
        if one.id not in known
    ]


def _subject(one: Activity) -> str:
    return one.subject.name or one.subject.url or one.subject.id or ""
