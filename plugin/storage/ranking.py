"""Contacts in the order in which sales should look at them, and pages over all of them.

A person whom several platforms know is listed by the one contact that leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, func, literal_column, select, tuple_

from plugin.scoring.scorecard import MICRO

from .identities import matching
from .moments import to_us
from .scores import Score, score_in
from .tables import connections, contacts, identities, scores

#: As the partial index says it: of a bound value databases cannot tell that it fits.
_IDENTIFIED = scores.c.identified == literal_column("1")
_LISTED = _IDENTIFIED & (scores.c.leads == 1)
_ORDER = (scores.c.score, scores.c.last_active, scores.c.contact_id)
#: Lifts every score above zero.
_ZERO = 1_000_000_000 * MICRO
#: So many are looked up by their ids; of more a page is soon full.
_FEW = 1_000


class Place(NamedTuple):
    """Where a contact is in the order, whatever becomes of it."""

    band: str
    score: int
    last_active: int
    contact_id: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A contact with its score. ``address`` is ``CONNECTION/CONTACT``."""

    address: str
    score: Score

    @property
    def place(self) -> Place:
        """Behind which the next page begins."""
        last = to_us(self.score.last_active) if self.score.last_active else 0
        return Place(self.score.band, self.score.score, last, self.score.contact_id)


def ranked(
    connection: Connection,
    bands: Sequence[str],
    only: str | None = None,
    limit: int = 50,
    after: Place | None = None,
    text: str = "",
) -> list[Ranked]:
    """Identified persons by band (``bands`` from the lowest up), score, and recency.

    From behind the place ``after``; with a ``text`` those whose name, e-mail or company has all
    its words. The order is total, so that pages neither repeat nor lose a contact.
    """
    # Band by band, as the index has them: a page is read without looking at the others. ``None``
    # stands for bands that only a scorecard before had.
    steps: list[str | None] = [only] if only is not None else [*reversed(bands), None]
    if after is not None:
        own = after.band if after.band in steps else None
        steps = steps[steps.index(own) if own in steps else 0 :]
    found: list[Ranked] = []
    wanted = _matching(connection, text)
    for band in steps:
        in_band = scores.c.band.not_in(bands) if band is None else scores.c.band == band
        statement = _scored().where(_LISTED, in_band, *wanted)
        if after is not None and band is steps[0]:
            statement = statement.where(tuple_(*_ORDER) < tuple_(*after[1:]))
        statement = statement.order_by(*(one.desc() for one in _ORDER))
        found += map(_ranked, connection.execute(statement.limit(limit - len(found))))
        if len(found) == limit:
            break
    return found


def counts(connection: Connection) -> dict[str, int]:
    """How many identified persons are in each band that one is in."""
    rows = connection.execute(
        select(scores.c.band, func.count()).where(_LISTED).group_by(scores.c.band)
    )
    return {band: count for band, count in rows}


def distribution(connection: Connection) -> dict[int, int]:
    """How many identified persons have how many whole points."""
    # Databases cut towards zero, we round halves up: above zero that is the same.
    whole = (scores.c.score + (_ZERO + MICRO // 2)) // MICRO
    rows = connection.execute(select(whole, func.count()).where(_LISTED).group_by(whole))
    return {int(points) - _ZERO // MICRO: count for points, count in rows}


def _matching(connection: Connection, text: str) -> list[ColumnElement[bool]]:
    """The conditions of a search, so put that a page of rare and of frequent names comes soon."""
    if not text.strip():
        return []
    named = select(identities.c.contact_id).where(matching(text))
    few = connection.execute(named.limit(_FEW + 1)).scalars().all()
    if len(few) <= _FEW:
        return [scores.c.contact_id.in_(few)]
    return [named.where(identities.c.contact_id == scores.c.contact_id).exists()]


def page(connection: Connection, after: int, limit: int, every: int = 1) -> list[Ranked]:
    """The next scored contacts by our number, from the one after ``after``; each ``every``-th."""
    statement = (
        _scored()
        .where(scores.c.contact_id > after, scores.c.contact_id % every == 0)
        .order_by(scores.c.contact_id)
        .limit(limit)
    )
    return [_ranked(row) for row in connection.execute(statement)]


def of_account(connection: Connection, account: str, limit: int) -> list[Ranked]:
    """The people of an account, the most engaged first."""
    statement = (
        _scored()
        .join(identities, identities.c.contact_id == scores.c.contact_id)
        .where(identities.c.account == account, scores.c.leads == 1)
        .order_by(scores.c.engagement.desc(), scores.c.contact_id)
    )
    return [_ranked(row) for row in connection.execute(statement.limit(limit))]


def count(connection: Connection) -> int:
    """How many contacts have a score."""
    counted: int = connection.execute(select(func.count()).select_from(scores)).scalar_one()
    return counted


def count_identified(connection: Connection) -> int:
    """How many contacts with a score are not visitors."""
    counted = select(func.count()).select_from(scores).where(_IDENTIFIED)
    return int(connection.execute(counted).scalar_one())


def _scored() -> Select[Any]:
    joined = scores.join(contacts, contacts.c.id == scores.c.contact_id).join(
        connections, connections.c.id == contacts.c.connection_id
    )
    return select(scores, connections.c.name, contacts.c.platform_id).select_from(joined)


def _ranked(row: Row[Any]) -> Ranked:
    return Ranked(f"{row.name}/{row.platform_id}", score_in(row))


def newest(connection: Connection, limit: int) -> list[int]:
    """The scored contacts (our ids) that came last."""
    found = select(scores.c.contact_id).order_by(scores.c.contact_id.desc()).limit(limit)
    return list(connection.execute(found).scalars())
