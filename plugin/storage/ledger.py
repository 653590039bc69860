"""The ledger: append-only entries; what no longer holds is reversed, never changed.

Bitemporal: a line says when it holds (``valid_from``/``valid_to``), an entry when we learned it
(``recorded_at``), so any past score has an answer, also as it was known at another past date.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, Row, exists, func, insert, select

from plugin.scoring.decay import format_decay, parse_decay
from plugin.scoring.lines import Line

from .moments import from_us, to_us
from .tables import entries
from .upsert import chunks

_CONTENT = (
    "rule",
    "group",
    "dimension",
    "points",
    "decay",
    "valid_from",
    "valid_to",
    "activities",
    "reason",
    "params",
    "since",
)
_CONTENT_COLUMNS = tuple(entries.c[name] for name in _CONTENT)


@dataclass(frozen=True, slots=True)
class OpenEntry:
    """An entry that no later entry reversed; ``content`` is the line as stored."""

    id: int
    content: tuple[Any, ...]


def open_entries(connection: Connection, contact_ids: Sequence[int]) -> dict[int, list[OpenEntry]]:
    """The entries in force of each contact."""
    found: dict[int, list[OpenEntry]] = defaultdict(list)
    later = entries.alias()
    for chunk in chunks(contact_ids):
        rows = connection.execute(
            select(entries.c.contact_id, entries.c.id, *_CONTENT_COLUMNS).where(
                entries.c.contact_id.in_(chunk),
                entries.c.reverses.is_(None),
                ~exists().where(later.c.reverses == entries.c.id),
            )
        )
        for contact_id, entry_id, *content in rows.all():
            found[contact_id].append(OpenEntry(entry_id, tuple(content)))
    return found


def settle(
    connection: Connection,
    scorecard_id: int,
    folded: Mapping[int, Iterable[Line]],
    now: datetime,
) -> set[int]:
    """Bring the ledgers to these lines by reversals and new entries; answers whose changed."""
    in_force = open_entries(connection, list(folded))
    common = {"scorecard_id": scorecard_id, "recorded_at": to_us(now)}
    rows: list[dict[str, Any]] = []
    for contact_id, lines in folded.items():
        wanted = {_stored(line) for line in lines}
        kept = {entry.content for entry in in_force[contact_id]}
        own = common | {"contact_id": contact_id}
        rows += [
            own | _reversal(entry) for entry in in_force[contact_id] if entry.content not in wanted
        ]
        rows += [
            own | dict(zip(_CONTENT, content, strict=True)) | {"reverses": None}
            for content in sorted(wanted - kept, key=repr)
        ]
    if rows:
        connection.execute(insert(entries), rows)
    return {row["contact_id"] for row in rows}


def read_lines(
    connection: Connection, contact_id: int, known_at: datetime | None = None
) -> list[Line]:
    """The lines in force, as known now or as known at a past moment."""
    later = entries.alias()
    reversed_by = later.c.reverses == entries.c.id
    statement = select(entries).where(
        entries.c.contact_id == contact_id, entries.c.reverses.is_(None)
    )
    if known_at is not None:
        reversed_by = reversed_by & (later.c.recorded_at <= to_us(known_at))
        statement = statement.where(entries.c.recorded_at <= to_us(known_at))
    rows = connection.execute(statement.where(~exists().where(reversed_by)).order_by(entries.c.id))
    return [_line(row) for row in rows]


def newest_scorecard(connection: Connection, contact_id: int, known_at: datetime | None) -> int:
    """The newest scorecard by which this contact had entries at that moment; there must be one."""
    statement = select(func.max(entries.c.scorecard_id)).where(entries.c.contact_id == contact_id)
    if known_at is not None:
        statement = statement.where(entries.c.recorded_at <= to_us(known_at))
    newest: int = connection.execute(statement).scalar_one()
    return newest


def _reversal(entry: OpenEntry) -> dict[str, Any]:
    content = dict(zip(_CONTENT, entry.content, strict=True))
    return content | {"points": -content["points"], "reverses": entry.id}


#: A scorecard has few decays and a batch thousands of lines.
_decay_text = lru_cache(maxsize=1_000)(format_decay)


def _stored(line: Line) -> tuple[Any, ...]:
    return (
        line.rule,
        line.group,
        line.dimension,
        line.points,
        _decay_text(line.decay),
        to_us(line.valid_from),
        None if line.valid_to is None else to_us(line.valid_to),
        orjson.dumps(line.activities).decode(),
        line.reason,
        orjson.dumps(dict(line.params), option=orjson.OPT_SORT_KEYS).decode(),
        None if line.since is None else to_us(line.since),
    )


def _line(row: Row[Any]) -> Line:
    return Line(
        rule=row.rule,
        group=row._mapping["group"],
        dimension=row.dimension,
        points=row.points,
        decay=parse_decay(row.decay),
        valid_from=from_us(row.valid_from),
        valid_to=None if row.valid_to is None else from_us(row.valid_to),
        activities=tuple(orjson.loads(row.activities)),
        reason=row.reason,
        params=orjson.loads(row.params),
        since=None if row.since is None else from_us(row.since),
    )
