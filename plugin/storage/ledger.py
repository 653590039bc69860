"""The ledger: append-only entries; what no longer holds is reversed, never changed.

Bitemporal: a line says when it holds (``valid_from``/``valid_to``), an entry when we learned it
(``recorded_at``), so any past score has an answer, also as it was known at another past date.

What is in force of a contact is kept as digests of the lines beside the ledger: a fold is compared
with them, and the ledger itself is read only where something has to be reversed. Another way to
make digests would reverse and repeat every line of every contact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha1
from struct import Struct
from typing import Any

import orjson
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    exists,
    func,
    insert,
    select,
    tuple_,
)

from plugin.scoring.decay import format_decay, parse_decay
from plugin.scoring.lines import Line

from .moments import from_us, to_us
from .tables import entries, open_entries
from .upsert import chunks, upsert

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
#: The digest of a line and the number of its entry.
_OPEN = Struct(">8sI")


@dataclass(frozen=True, slots=True)
class _Open:
    """The entries in force of one contact, by digest, and the last number given to any."""

    last: int
    numbers: Mapping[bytes, int]


_NONE = _Open(0, {})


@dataclass(frozen=True, slots=True)
class _Posting:
    """What is to be appended for one contact: reversals of these numbers, and these lines."""

    contact_id: int
    before: _Open
    ended: Sequence[int]
    begun: Mapping[bytes, Line]

    @property
    def first(self) -> int:
        """The number of the first line that began; reversals come before."""
        return self.before.last + len(self.ended) + 1

    def rows(self, contents: Mapping[tuple[int, int], dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """The entries; ``contents`` are those of the entries to be reversed."""
        own = {"contact_id": self.contact_id}
        for number, ended in enumerate(self.ended, self.before.last + 1):
            content = contents[self.contact_id, ended]
            undone = {"points": -content["points"], "reverses": ended}
            yield own | {"number": number} | content | undone
        for number, line in enumerate(self.begun.values(), self.first):
            yield own | {"number": number, "reverses": None} | _stored(line)

    def open_row(self) -> dict[str, Any]:
        """What is in force afterwards."""
        ended = set(self.ended)
        kept = [one for one in self.before.numbers.items() if one[1] not in ended]
        kept += [(digest, number) for number, digest in enumerate(self.begun, self.first)]
        return {
            "contact_id": self.contact_id,
            "last": self.first + len(self.begun) - 1,
            "entries": b"".join(_OPEN.pack(*one) for one in kept),
        }


def settle(
    connection: Connection,
    scorecard_id: int,
    folded: Mapping[int, Iterable[Line]],
    now: datetime,
) -> set[int]:
    """Bring the ledgers to these lines by reversals and new entries; answers whose changed."""
    in_force = _in_force(connection, list(folded))
    postings = [
        posting
        for contact_id, lines in folded.items()
        if (posting := _posting(contact_id, in_force.get(contact_id, _NONE), lines))
    ]
    contents = _contents(
        connection, [(one.contact_id, number) for one in postings for number in one.ended]
    )
    common = {"scorecard_id": scorecard_id, "recorded_at": to_us(now)}
    rows = [common | row for posting in postings for row in posting.rows(contents)]
    if rows:
        connection.execute(insert(entries), rows)
    upsert(connection, open_entries, [posting.open_row() for posting in postings])
    return {posting.contact_id for posting in postings}


def forget(connection: Connection, contact_ids: Sequence[int]) -> None:
    """Leave nothing of these ledgers: they tell of somebody else. They are settled anew after."""
    for table in (entries, open_entries):
        connection.execute(delete(table).where(table.c.contact_id.in_(contact_ids)))


def read_lines(
    connection: Connection, contact_id: int, known_at: datetime | None = None
) -> list[Line]:
    """The lines in force, as known now or as known at a past moment."""
    return lines_of(connection, [contact_id], known_at)[contact_id]


def lines_of(
    connection: Connection, contact_ids: Sequence[int], known_at: datetime | None = None
) -> dict[int, list[Line]]:
    """The same of several contacts."""
    later = entries.alias()
    known: ColumnElement[bool] = entries.c.reverses.is_(None)
    reversed_by = and_(
        later.c.contact_id == entries.c.contact_id, later.c.reverses == entries.c.number
    )
    if known_at is not None:
        known = known & (entries.c.recorded_at <= to_us(known_at))
        reversed_by = reversed_by & (later.c.recorded_at <= to_us(known_at))
    found: dict[int, list[Line]] = {one: [] for one in contact_ids}
    for chunk in chunks(contact_ids):
        rows = connection.execute(
            select(entries)
            .where(entries.c.contact_id.in_(chunk), known, ~exists().where(reversed_by))
            .order_by(entries.c.contact_id, entries.c.number)
        )
        for row in rows:
            found[row.contact_id].append(_line(row))
    return found


def newest_scorecard(connection: Connection, contact_id: int, known_at: datetime | None) -> int:
    """The newest scorecard by which this contact had entries at that moment; there must be one."""
    statement = select(func.max(entries.c.scorecard_id)).where(entries.c.contact_id == contact_id)
    if known_at is not None:
        statement = statement.where(entries.c.recorded_at <= to_us(known_at))
    newest: int = connection.execute(statement).scalar_one()
    return newest


def rules_fired(connection: Connection) -> dict[str, int]:
    """How many contacts each rule ever gave points, taken back or not."""
    rows = connection.execute(
        select(entries.c.rule, func.count(entries.c.contact_id.distinct()))
        .where(entries.c.reverses.is_(None))
        .group_by(entries.c.rule)
    )
    return {rule: count for rule, count in rows}


def _in_force(connection: Connection, contact_ids: Sequence[int]) -> dict[int, _Open]:
    return {
        contact_id: _Open(last, dict(_OPEN.iter_unpack(known)))
        for chunk in chunks(contact_ids)
        for contact_id, last, known in connection.execute(
            select(open_entries).where(open_entries.c.contact_id.in_(chunk))
        ).all()
    }


def _posting(contact_id: int, before: _Open, lines: Iterable[Line]) -> _Posting | None:
    wanted = {_digest(line): line for line in lines}
    if wanted.keys() == before.numbers.keys():
        return None
    return _Posting(
        contact_id,
        before,
        [number for digest, number in before.numbers.items() if digest not in wanted],
        {digest: line for digest, line in wanted.items() if digest not in before.numbers},
    )


def _contents(
    connection: Connection, wanted: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], dict[str, Any]]:
    key = tuple_(entries.c.contact_id, entries.c.number)
    content = [entries.c[name] for name in _CONTENT]
    return {
        (contact_id, number): dict(zip(_CONTENT, values, strict=True))
        for chunk in chunks(wanted)
        for contact_id, number, *values in connection.execute(
            select(entries.c.contact_id, entries.c.number, *content).where(key.in_(chunk))
        ).all()
    }


#: A scorecard has few decays and a batch thousands of lines.
_decay_text = lru_cache(maxsize=1_000)(format_decay)


def _digest(line: Line) -> bytes:
    """The same for the same line, in every process; two lines of one contact never share it."""
    content = (
        line.rule,
        line.group,
        line.dimension,
        line.points,
        _decay_text(line.decay),
        line.valid_from,
        line.valid_to,
        line.activities,
        line.reason,
        dict(line.params),
        line.since,
    )
    told = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return sha1(told, usedforsecurity=False).digest()[:8]


def _stored(line: Line) -> dict[str, Any]:
    return {
        "rule": line.rule,
        "group": line.group,
        "dimension": line.dimension,
        "points": line.points,
        "decay": _decay_text(line.decay),
        "valid_from": to_us(line.valid_from),
        "valid_to": None if line.valid_to is None else to_us(line.valid_to),
        "activities": orjson.dumps(line.activities).decode(),
        "reason": line.reason,
        "params": orjson.dumps(dict(line.params), option=orjson.OPT_SORT_KEYS).decode(),
        "since": None if line.since is None else to_us(line.since),
    }


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
