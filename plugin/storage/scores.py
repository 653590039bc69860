"""The newest score of each contact, the bands it crossed, and what the platform holds of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from .email_keys import take_along
from .locks import free
from .moments import from_us, to_us
from .tables import connections, contacts, crossings, scores
from .upsert import chunks, upsert


@dataclass(frozen=True, slots=True)
class Score:
    """A score as computed at one moment. Amounts are micro-points.

    ``last_active`` is when a person was last active, as far as it is known. ``leads`` says that
    of the contacts of one person this is the one by which it is listed and acted on.
    """

    contact_id: int
    scorecard_id: int
    score: int
    fit: int
    engagement: int
    grade: str
    band: str
    identified: bool
    computed_at: datetime
    band_since: datetime
    next_look_at: datetime | None = None
    last_active: datetime | None = None
    leads: bool = True


@dataclass(frozen=True, slots=True)
class StoredScore:
    """A score and what the platform acknowledged of it, and when (``None``: never)."""

    score: Score
    written: Mapping[str, Any] | None
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Crossing:
    """A contact left one band for another."""

    contact_id: int
    scorecard_id: int
    from_band: str
    to_band: str
    score: int
    at: datetime


@dataclass(frozen=True, slots=True)
class NamedCrossing:
    """A crossing with the ``address`` (``CONNECTION/CONTACT``) of its contact."""

    address: str
    crossing: Crossing


def read_scores(connection: Connection, contact_ids: Sequence[int]) -> dict[int, StoredScore]:
    """The stored score of each contact that has one."""
    found: dict[int, StoredScore] = {}
    for chunk in chunks(contact_ids):
        for row in connection.execute(select(scores).where(scores.c.contact_id.in_(chunk))):
            score = score_in(row)
            written = None if row.written is None else orjson.loads(row.written)
            written_at = from_us(row.written_at) if row.written_at else None
            found[row.contact_id] = StoredScore(score, written, written_at)
    return found


def score_in(row: Row[Any]) -> Score:
    """The score in a row of the table, whatever else it was joined with."""
    return Score(
        contact_id=row.contact_id,
        scorecard_id=row.scorecard_id,
        score=row.score,
        fit=row.fit,
        engagement=row.engagement,
        grade=row.grade,
        band=row.band,
        identified=bool(row.identified),
        computed_at=from_us(row.computed_at),
        band_since=from_us(row.band_since),
        next_look_at=None if row.next_look_at is None else from_us(row.next_look_at),
        last_active=from_us(row.last_active) if row.last_active else None,
        leads=bool(row.leads),
    )


def save_scores(connection: Connection, computed: Iterable[Score]) -> None:
    """Replace the scores, leaving what the platform acknowledged; no challenger knows them yet."""
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
                "leads": int(score.leads),
                "computed_at": to_us(score.computed_at),
                "band_since": to_us(score.band_since),
                "next_look_at": None if score.next_look_at is None else to_us(score.next_look_at),
                "last_active": to_us(score.last_active) if score.last_active else 0,
                "challenged": 0,
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


def write_again(connection: Connection, connection_id: int, now: datetime) -> None:
    """Nothing is known of what a platform holds: the worker looks at all its contacts from now."""
    own = select(contacts.c.id).where(contacts.c.connection_id == connection_id)
    connection.execute(
        update(scores)
        .where(scores.c.contact_id.in_(own))
        .values(written=None, next_look_at=to_us(now))
    )


def inherit_band(connection: Connection, loser: int, survivor: int, bands: Sequence[str]) -> None:
    """Let the survivor of a merge be in the loser's band if that is the higher of ``bands``."""
    found = read_scores(connection, [loser, survivor])
    if loser not in found:
        return
    if survivor not in found:
        connection.execute(
            update(scores).where(scores.c.contact_id == loser).values(contact_id=survivor)
        )
        return
    ranks = {band: rank for rank, band in enumerate(bands)}
    theirs, own = found[loser].score, found[survivor].score
    if ranks.get(theirs.band, 0) > ranks.get(own.band, 0):
        connection.execute(
            update(scores)
            .where(scores.c.contact_id == survivor)
            .values(band=theirs.band, band_since=to_us(theirs.band_since))
        )


def is_look_due(connection: Connection, now: datetime) -> bool:
    """Whether there is a contact whose next look is due."""
    return connection.execute(_look_due(now).limit(1)).first() is not None


def to_look_at(connection: Connection, now: datetime, limit: int) -> list[int]:
    """Contacts whose next look is due, the longest waiting first; taken for this transaction."""
    return _taken(connection, _look_due(now).limit(limit))


def _look_due(now: datetime) -> Select[Any]:
    return (
        _contacts_scored()
        .where(scores.c.next_look_at <= to_us(now))
        .order_by(scores.c.next_look_at, scores.c.contact_id)
    )


def is_outdated(connection: Connection, scorecard_id: int) -> bool:
    """Whether there is a contact whose score is of an older scorecard."""
    return connection.execute(_outdated(scorecard_id).limit(1)).first() is not None


def outdated(connection: Connection, scorecard_id: int, limit: int) -> list[int]:
    """Contacts whose score is of an older scorecard, taken for this transaction.

    A recalculation goes on where it stopped.
    """
    return _taken(connection, _outdated(scorecard_id).limit(limit))


def _outdated(scorecard_id: int) -> Select[Any]:
    # Versions only grow, and asked so the index answers at once when nothing is outdated.
    return (
        _contacts_scored()
        .where(scores.c.scorecard_id < scorecard_id)
        .order_by(scores.c.scorecard_id, scores.c.contact_id)
    )


def _taken(connection: Connection, statement: Select[Any]) -> list[int]:
    return take_along(connection, list(connection.execute(free(statement)).scalars()))


def _contacts_scored() -> Select[Any]:
    joined = scores.join(contacts, contacts.c.id == scores.c.contact_id)
    return select(scores.c.contact_id).select_from(joined)


def count_outdated(connection: Connection, scorecard_id: int) -> int:
    """How many contacts have a score of another scorecard."""
    counted: int = connection.execute(
        select(func.count()).select_from(scores).where(scores.c.scorecard_id != scorecard_id)
    ).scalar_one()
    return counted


def scored_contacts(connection: Connection, connection_id: int) -> dict[str, int]:
    """Our contact of each platform id that has a score, in the order of the platform's ids."""
    rows = connection.execute(
        select(contacts.c.platform_id, contacts.c.id)
        .join(scores, scores.c.contact_id == contacts.c.id)
        .where(contacts.c.connection_id == connection_id)
    )
    found = {row.platform_id: row.id for row in rows}
    return dict(sorted(found.items(), key=lambda pair: (len(pair[0]), pair[0])))


def bands_entered(
    connection: Connection, contact_ids: Sequence[int]
) -> dict[int, list[tuple[datetime, str]]]:
    """When each of these contacts entered which band, oldest first."""
    found: dict[int, list[tuple[datetime, str]]] = {one: [] for one in contact_ids}
    for chunk in chunks(contact_ids):
        rows = connection.execute(
            select(crossings.c.contact_id, crossings.c.at, crossings.c.to_band)
            .where(crossings.c.contact_id.in_(chunk))
            .order_by(crossings.c.id)
        )
        for row in rows:
            found[row.contact_id].append((from_us(row.at), row.to_band))
    return found


def crossings_of(connection: Connection, contact_id: int) -> list[Crossing]:
    """Every crossing of a contact, oldest first."""
    rows = connection.execute(
        select(crossings).where(crossings.c.contact_id == contact_id).order_by(crossings.c.id)
    )
    return [_crossing(row) for row in rows]


def last_crossings(connection: Connection, limit: int) -> list[NamedCrossing]:
    """The newest crossings of all persons, the newest first."""
    rows = connection.execute(
        select(crossings, contacts.c.platform_id, connections.c.name)
        .join(contacts, contacts.c.id == crossings.c.contact_id)
        .join(connections, connections.c.id == contacts.c.connection_id)
        .join(scores, scores.c.contact_id == crossings.c.contact_id)
        .where(scores.c.leads == 1)
        .order_by(crossings.c.id.desc())
        .limit(limit)
    )
    return [NamedCrossing(f"{row.name}/{row.platform_id}", _crossing(row)) for row in rows]


def _crossing(row: Row[Any]) -> Crossing:
    return Crossing(
        row.contact_id, row.scorecard_id, row.from_band, row.to_band, row.score, from_us(row.at)
    )


def crossings_since(connection: Connection, since: datetime) -> list[tuple[datetime, str, str]]:
    """When which band was left for which by a person, from a moment on, oldest first."""
    rows = connection.execute(
        select(crossings.c.at, crossings.c.from_band, crossings.c.to_band)
        .join(scores, scores.c.contact_id == crossings.c.contact_id)
        .where(crossings.c.at >= to_us(since), scores.c.leads == 1)
        .order_by(crossings.c.at)
    )
    return [(from_us(at), before, after) for at, before, after in rows]


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
