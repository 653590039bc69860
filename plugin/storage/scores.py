"""The newest score of each contact, the bands it crossed, and what the platform holds of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from .moments import from_us, to_us
from .tables import contacts, crossings, scores
from .upsert import chunks, upsert


@dataclass(frozen=True, slots=True)
class Score:
    """A score as computed at one moment. Amounts are micro-points."""

    contact_id: int
    scorecard_id: int
    score: int
    fit: int
    engagement: int
    grade: str
    band: str
    identified: bool
    computed_at: datetime


@dataclass(frozen=True, slots=True)
class StoredScore:
    """A score and what the platform acknowledged of it (``None`` before the first time)."""

    score: Score
    written: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Crossing:
    """A contact left one band for another."""

    contact_id: int
    scorecard_id: int
    from_band: str
    to_band: str
    score: int
    at: datetime


def read_scores(connection: Connection, contact_ids: Sequence[int]) -> dict[int, StoredScore]:
    """The stored score of each contact that has one."""
    found: dict[int, StoredScore] = {}
    for chunk in chunks(contact_ids):
        for row in connection.execute(select(scores).where(scores.c.contact_id.in_(chunk))):
            score = Score(
                contact_id=row.contact_id,
                scorecard_id=row.scorecard_id,
                score=row.score,
                fit=row.fit,
                engagement=row.engagement,
                grade=row.grade,
                band=row.band,
                identified=bool(row.identified),
                computed_at=from_us(row.computed_at),
            )
            written = None if row.written is None else orjson.loads(row.written)
            found[row.contact_id] = StoredScore(score, written)
    return found


def save_scores(connection: Connection, computed: Iterable[Score]) -> None:
    """Replace the scores, leaving what the platform acknowledged."""
    upsert(
        connection,
        scores,
        [
            {
                "contact_id": score.contact_id,
                "scorecard_id": score.scorecard_id,
                "score": score.score,
                "fit": score.fit,
                "engagement": score.engagement,
                "grade": score.grade,
                "band": score.band,
                "identified": int(score.identified),
                "computed_at": to_us(score.computed_at),
            }
            for score in computed
        ],
    )


def set_written(
    connection: Connection, contact_id: int, written: Mapping[str, Any] | None, now: datetime
) -> None:
    """Note what the platform holds now; ``None`` makes the next pass write everything again."""
    stored = None if written is None else orjson.dumps(dict(written)).decode()
    connection.execute(
        update(scores)
        .where(scores.c.contact_id == contact_id)
        .values(written=stored, written_at=to_us(now))
    )


def outdated(connection: Connection, scorecard_id: int, limit: int) -> list[int]:
    """Contacts whose score is another scorecard's: a recalculation goes on where it stopped."""
    return list(
        connection.execute(
            select(scores.c.contact_id)
            .where(scores.c.scorecard_id != scorecard_id)
            .order_by(scores.c.contact_id)
            .limit(limit)
        ).scalars()
    )


def scored_contacts(connection: Connection, connection_id: int) -> dict[str, int]:
    """Our contact of each platform id that has a score, in the order of the platform's ids."""
    rows = connection.execute(
        select(contacts.c.platform_id, contacts.c.id)
        .join(scores, scores.c.contact_id == contacts.c.id)
        .where(contacts.c.connection_id == connection_id)
    )
    found = {row.platform_id: row.id for row in rows}
    return dict(sorted(found.items(), key=lambda pair: (len(pair[0]), pair[0])))


def record_crossings(connection: Connection, crossed: Iterable[Crossing]) -> None:
    """Append the crossings."""
    rows = [
        {
            "contact_id": one.contact_id,
            "scorecard_id": one.scorecard_id,
            "from_band": one.from_band,
            "to_band": one.to_band,
            "score": one.score,
            "at": to_us(one.at),
        }
        for one in crossed
    ]
    if rows:
        connection.execute(insert(crossings), rows)
