"""The scorecard that runs beside the one in force, and what it says. Nothing of it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, insert, select, update

from .locks import free
from .moments import from_us, to_us
from .scores import Score, score_in
from .tables import challenger_scores, challengers, connections, contacts, scores
from .upsert import chunks, upsert


@dataclass(frozen=True, slots=True)
class Challenger:
    """The text of a challenger under its own number."""

    id: int
    source: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Pair:
    """One contact by both scorecards at the same moment; amounts in micro-points."""

    contact: str
    champion_score: int
    champion_band: str
    challenger_score: int
    challenger_band: str


def start(connection: Connection, source: str, now: datetime) -> int:
    """Let this text run instead of any other; answers its number."""
    end(connection, now)
    statement = insert(challengers).values(source=source, started_at=to_us(now))
    number: int = connection.execute(statement.returning(challengers.c.id)).scalar_one()
    return number


def end(connection: Connection, now: datetime) -> bool:
    """End the one that runs; answers whether one did. What it said so far is kept."""
    running = challengers.c.ended_at.is_(None)
    ended = connection.execute(update(challengers).where(running).values(ended_at=to_us(now)))
    return ended.rowcount > 0


def current(connection: Connection) -> Challenger | None:
    """The one that runs."""
    row = connection.execute(
        select(challengers).where(challengers.c.ended_at.is_(None))
    ).one_or_none()
    return None if row is None else Challenger(row.id, row.source, from_us(row.started_at))


def is_behind(connection: Connection, challenger_id: int) -> bool:
    """Whether there is a score that the challenger has not spoken of."""
    return connection.execute(_behind(challenger_id).limit(1)).first() is not None


def behind(connection: Connection, challenger_id: int, limit: int) -> dict[int, Score]:
    """Scores that the challenger has not spoken of, taken for this transaction.

    A stopped run goes on there.
    """
    rows = connection.execute(free(_behind(challenger_id).limit(limit)))
    return {row.contact_id: score_in(row) for row in rows}


def _behind(challenger_id: int) -> Select[Any]:
    # Numbers only grow, and asked so the index answers at once when there is none: the worker
    # asks all the time.
    joined = scores.join(contacts, contacts.c.id == scores.c.contact_id)
    return (
        select(scores)
        .select_from(joined)
        .where(scores.c.challenged < challenger_id)
        .order_by(scores.c.challenged, scores.c.contact_id)
    )


def scores_of(
    connection: Connection, challenger_id: int, contact_ids: Sequence[int]
) -> dict[int, Score]:
    """What the challenger said of these contacts last; a contact it never saw is left out."""
    said = challenger_scores.c
    found: dict[int, Score] = {}
    for chunk in chunks(contact_ids):
        rows = connection.execute(
            select(challenger_scores).where(
                said.challenger_id == challenger_id, said.contact_id.in_(chunk)
            )
        )
        for row in rows:
            found[row.contact_id] = Score(
                contact_id=row.contact_id,
                scorecard_id=challenger_id,
                score=row.score,
                fit=row.fit,
                engagement=row.engagement,
                grade=row.grade,
                band=row.band,
                identified=False,
                computed_at=from_us(row.computed_at),
                band_since=from_us(row.band_since),
            )
    return found


def save(connection: Connection, challenger_id: int, said: Iterable[Score]) -> None:
    """Keep what the challenger says of these contacts, whose scores the caller holds."""
    rows = [
        {
            "contact_id": score.contact_id,
            "challenger_id": challenger_id,
            "score": score.score,
            "fit": score.fit,
            "engagement": score.engagement,
            "grade": score.grade,
            "band": score.band,
            "computed_at": to_us(score.computed_at),
            "band_since": to_us(score.band_since),
        }
        for score in said
    ]
    upsert(connection, challenger_scores, rows)
    for chunk in chunks([row["contact_id"] for row in rows]):
        connection.execute(
            update(scores).where(scores.c.contact_id.in_(chunk)).values(challenged=challenger_id)
        )


def pairs(connection: Connection, challenger_id: int) -> Iterator[Pair]:
    """Every contact of which both have spoken of the same moment, by our number."""
    said = challenger_scores.c
    same = and_(said.contact_id == scores.c.contact_id, said.computed_at == scores.c.computed_at)
    joined = (
        scores.join(challenger_scores, same)
        .join(contacts, contacts.c.id == scores.c.contact_id)
        .join(connections, connections.c.id == contacts.c.connection_id)
    )
    rows = connection.execute(
        select(
            connections.c.name,
            contacts.c.platform_id,
            scores.c.score,
            scores.c.band,
            said.score.label("said"),
            said.band.label("said_band"),
        )
        .select_from(joined)
        .where(said.challenger_id == challenger_id)
        .order_by(scores.c.contact_id)
    )
    for row in rows:
        contact = f"{row.name}/{row.platform_id}"
        yield Pair(contact, row.score, row.band, row.said, row.said_band)
