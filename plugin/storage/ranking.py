"""Contacts in the order in which sales should look at them, and pages over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, case, func, select

from .scores import Score, score_in
from .tables import connections, contacts, scores


@dataclass(frozen=True, slots=True)
class Ranked:
    """A contact with its score. ``address`` is ``CONNECTION/CONTACT``."""

    address: str
    score: Score


def ranked(
    connection: Connection,
    bands: Sequence[str],
    only: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[Ranked]:
    """Identified contacts by band (``bands`` from the lowest up), score, and recency of a person.

    The order is total, so that pages neither repeat nor lose a contact.
    """
    order = case({band: rank for rank, band in enumerate(bands)}, value=scores.c.band, else_=-1)
    statement = (
        _scored()
        .where(scores.c.identified == 1)
        .order_by(
            order.desc(),
            scores.c.score.desc(),
            scores.c.last_active.desc().nulls_last(),
            scores.c.contact_id,
        )
        .limit(limit)
        .offset(offset)
    )
    if only is not None:
        statement = statement.where(scores.c.band == only)
    return [_ranked(row) for row in connection.execute(statement)]


def page(connection: Connection, after: int, limit: int, every: int = 1) -> list[Ranked]:
    """The next scored contacts by our number, from the one after ``after``; each ``every``-th."""
    statement = (
        _scored()
        .where(scores.c.contact_id > after, scores.c.contact_id % every == 0)
        .order_by(scores.c.contact_id)
        .limit(limit)
    )
    return [_ranked(row) for row in connection.execute(statement)]


def count(connection: Connection) -> int:
    """How many contacts have a score."""
    counted: int = connection.execute(select(func.count()).select_from(scores)).scalar_one()
    return counted


def _scored() -> Select[Any]:
    joined = scores.join(contacts, contacts.c.id == scores.c.contact_id).join(
        connections, connections.c.id == contacts.c.connection_id
    )
    return select(scores, connections.c.name, contacts.c.platform_id).select_from(joined)


def _ranked(row: Row[Any]) -> Ranked:
    return Ranked(f"{row.name}/{row.platform_id}", score_in(row))
