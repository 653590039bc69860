"""What is to be done once at a platform: planned, given up, taken over by a merged contact."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from plugin.scoring.actions import ELSEWHERE, RULE

from .actions import DROPPED, WAITING
from .connections import REMOVED
from .contacts import connections_of
from .moments import from_us, to_us
from .tables import actions, connections
from .upsert import chunks, insert_new

_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What an action is done once for: a crossing of a band, or an earning of a rule.

    ``number`` is which earning of the rule it was, or when the band was crossed, in microseconds.
    """

    contact_id: int
    name: str
    number: int


@dataclass(frozen=True, slots=True)
class NewAction:
    """An action to do once, not before that moment; ``position`` among those of its occasion."""

    occasion: Occasion
    position: int
    name: str
    object: str
    within: timedelta
    state: str
    not_before: datetime


@dataclass(frozen=True, slots=True)
class Planned:
    """An action that was planned at some time."""

    id: int
    occasion: Occasion
    position: int
    state: str
    created_at: datetime


def planned_for(connection: Connection, contact_ids: Sequence[int]) -> list[Planned]:
    """Everything ever planned for these contacts, in the order of planning."""
    return [
        Planned(
            id=row.id,
            occasion=Occasion(row.contact_id, row.occasion, row.number),
            position=row.position,
            state=row.state,
            created_at=from_us(row.created_at),
        )
        for chunk in chunks(contact_ids)
        for row in connection.execute(
            select(actions).where(actions.c.contact_id.in_(chunk)).order_by(actions.c.id)
        )
    ]


def plan(connection: Connection, wanted: Sequence[NewAction], now: datetime) -> None:
    """Keep these new actions."""
    homes = connections_of(connection, sorted({one.occasion.contact_id for one in wanted}))
    named = _named(connection) if any(one.name in ELSEWHERE for one in wanted) else {}
    insert_new(
        connection,
        actions,
        [
            {
                "contact_id": one.occasion.contact_id,
                "connection_id": named.get(one.object, homes[one.occasion.contact_id])
                if one.name in ELSEWHERE
                else homes[one.occasion.contact_id],
                "occasion": one.occasion.name,
                "number": one.occasion.number,
                "position": one.position,
                "name": one.name,
                "object": one.object,
                "within_us": one.within // _MICROSECOND,
                "operation": f"maturo:{secrets.token_hex(10)}",
                "state": one.state,
                "created_at": to_us(now),
                "attempts": 0,
                "next_attempt_at": to_us(one.not_before),
            }
            for one in wanted
        ],
    )


def _named(connection: Connection) -> dict[str, int]:
    rows = connection.execute(
        select(connections.c.name, connections.c.id).where(connections.c.state != REMOVED)
    )
    return {row.name: row.id for row in rows}


def drop(connection: Connection, ids: Sequence[int]) -> None:
    """Give up what waits: the reason for it went away before it was done."""
    for chunk in chunks(ids):
        connection.execute(
            update(actions)
            .where(actions.c.id.in_(chunk), actions.c.state == WAITING)
            .values(state=DROPPED)
        )


def revive(connection: Connection, id: int, action: NewAction) -> None:
    """Take a dropped action up again as this one: its reason came back."""
    connection.execute(
        update(actions)
        .where(actions.c.id == id, actions.c.state == DROPPED)
        .values(state=action.state, next_attempt_at=to_us(action.not_before))
    )


def merge(connection: Connection, loser: int, survivor: int) -> None:
    """Give the loser's actions to the survivor, so that nothing is done twice for one person.

    Each occasion is numbered anew, what was acted upon first: an earning that is left over has
    nothing to do any more. Of several crossings into a band that still wait, one stays.
    """
    by_name: dict[str, dict[Occasion, list[Planned]]] = defaultdict(lambda: defaultdict(list))
    for one in planned_for(connection, [survivor, loser]):
        by_name[one.occasion.name][one.occasion].append(one)
    for name, occasions in by_name.items():
        ordered = sorted(occasions.values(), key=_waits)
        if not name.startswith(RULE):
            spare = [group for group in ordered if _waits(group)][1:]
            drop(connection, [one.id for group in spare for one in group])
        _renumber(connection, ordered, survivor)


def _waits(planned: Sequence[Planned]) -> bool:
    return all(one.state in (WAITING, DROPPED) for one in planned)


def _renumber(connection: Connection, ordered: Sequence[Sequence[Planned]], owner: int) -> None:
    # First out of the way, below zero: two rows must never have one number, not even in between.
    for sign in (-1, 1):
        for number, group in enumerate(ordered):
            connection.execute(
                update(actions)
                .where(actions.c.id.in_([one.id for one in group]))
                .values(contact_id=owner, number=number if sign > 0 else -1 - number)
            )
