"""What the platform says of its forms: which answers are optional. Asked for when first used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection, or_, select, update

from . import news
from .moments import to_us
from .tables import forms
from .upsert import chunks, upsert

#: A form is asked about again when it is used this long after the last answer.
_FRESH = timedelta(days=1)
_LATELY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Question:
    """A form (platform id) to ask about, and how often in vain so far."""

    form: str
    attempts: int


def used(connection: Connection, connection_id: int, names: Iterable[str], now: datetime) -> None:
    """Note that these forms (platform ids) were submitted, to the hour.

    A form that many submit is seldom written: on PostgreSQL its row would make workers wait.
    """
    wanted = set(names)
    lately = select(forms.c.form).where(
        forms.c.connection_id == connection_id,
        forms.c.form.in_(wanted),
        forms.c.used_at > to_us(now - _LATELY),
    )
    noted = set(connection.execute(lately).scalars()) if wanted else set()
    upsert(
        connection,
        forms,
        [
            {"connection_id": connection_id, "form": name, "used_at": to_us(now)}
            for name in sorted(wanted - noted)
        ],
    )


def to_ask(connection: Connection, connection_id: int, now: datetime, limit: int) -> list[Question]:
    """Used forms of which nothing is known, or nothing new, and whose time has come."""
    stale = forms.c.used_at > forms.c.asked_at + _FRESH // timedelta(microseconds=1)
    rows = connection.execute(
        select(forms.c.form, forms.c.attempts)
        .where(
            forms.c.connection_id == connection_id,
            forms.c.next_attempt_at <= to_us(now),
            or_(forms.c.asked_at.is_(None), stale),
        )
        .order_by(forms.c.next_attempt_at, forms.c.form)
        .limit(limit)
    )
    return [Question(row.form, row.attempts) for row in rows]


def postpone(
    connection: Connection, connection_id: int, question: Question, next_attempt_at: datetime
) -> None:
    """The platform could not answer: ask again at that moment."""
    connection.execute(
        update(forms)
        .where(forms.c.connection_id == connection_id, forms.c.form == question.form)
        .values(attempts=question.attempts + 1, next_attempt_at=to_us(next_attempt_at))
    )


def learn(
    connection: Connection,
    connection_id: int,
    name: str,
    optional: Sequence[str] | None,
    now: datetime,
) -> None:
    """Keep the optional answers of a form; ``None``: the platform does not say.

    When they are news, everybody who submitted the form will be looked at again.
    """
    told = None if optional is None else orjson.dumps(list(optional)).decode()
    own = (forms.c.connection_id == connection_id) & (forms.c.form == name)
    before = connection.execute(select(forms.c.optional).where(own)).scalar_one()
    connection.execute(
        update(forms).where(own).values(optional=told, asked_at=to_us(now), attempts=0)
    )
    if told != before:
        news.note(connection, connection_id, [("form", name)])


def optional_answers(
    connection: Connection, names: Iterable[str]
) -> Mapping[tuple[int, str], list[str]]:
    """The optional answers of these forms, by connection (our id) and form, where known."""
    return {
        (row.connection_id, row.form): orjson.loads(row.optional)
        for chunk in chunks(sorted(names))
        for row in connection.execute(
            select(forms).where(forms.c.form.in_(chunk), forms.c.optional.is_not(None))
        )
    }
