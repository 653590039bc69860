"""Long work that somebody asked for: who does it, how far it is, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from .moments import from_us, to_us
from .tables import runs

REHEARSAL: Final = "rehearsal"
PROPOSAL: Final = "proposal"
FORGETTING: Final = "forgetting"

WAITING: Final = "waiting"
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
STOPPED: Final = "stopped"
#: States in which something is still to come.
UNDER_WAY: Final = (WAITING, RUNNING)


@dataclass(frozen=True, slots=True)
class Run:
    """``done`` of ``total`` is how far it is; ``asked`` and ``result`` are JSON."""

    id: int
    kind: str
    about: str
    asked: str = field(repr=False)
    who: str
    state: str
    done: int
    total: int
    result: str | None = field(repr=False)
    error: str | None
    asked_at: datetime
    ended_at: datetime | None


def ask(connection: Connection, kind: str, about: str, asked: str, who: str, now: datetime) -> int:
    """Ask for it instead of what was asked of the same before; answers its number."""
    connection.execute(delete(runs).where(runs.c.kind == kind, runs.c.about == about))
    row = {"kind": kind, "about": about, "asked": asked, "who": who, "asked_at": to_us(now)}
    statement = insert(runs).values(row | {"state": WAITING, "done": 0, "total": 0})
    number: int = connection.execute(statement.returning(runs.c.id)).scalar_one()
    return number


def waits(connection: Connection) -> bool:
    """Whether there is something to do."""
    waiting = select(runs.c.id).where(runs.c.state.in_(UNDER_WAY)).limit(1)
    return connection.execute(waiting).first() is not None


def take(connection: Connection) -> Run | None:
    """The next to be done, also one that somebody began and left. The caller is alone in it."""
    row = connection.execute(
        select(runs).where(runs.c.state.in_(UNDER_WAY)).order_by(runs.c.id).limit(1)
    ).one_or_none()
    if row is None:
        return None
    connection.execute(update(runs).where(runs.c.id == row.id).values(state=RUNNING))
    return _run(row)


def advance(connection: Connection, run_id: int, done: int, total: int) -> bool:
    """Tell how far it is; ``False`` where it was stopped."""
    return _change(connection, run_id, done=done, total=total)


def finish(connection: Connection, run_id: int, result: str, now: datetime) -> None:
    """Keep what came of it, unless it was stopped."""
    _change(connection, run_id, state=DONE, result=result, ended_at=to_us(now))


def fail(connection: Connection, run_id: int, error: str, now: datetime) -> None:
    """Keep why nothing came of it, unless it was stopped."""
    _change(connection, run_id, state=FAILED, error=error, ended_at=to_us(now))


def stop(connection: Connection, run_id: int, now: datetime) -> None:
    """Nobody wants it any more."""
    connection.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.state.in_(UNDER_WAY))
        .values(state=STOPPED, ended_at=to_us(now))
    )


def make_nameless(connection: Connection, run_id: int) -> None:
    """Keep of it only that it was, and what came of it: whom it was about is forgotten."""
    connection.execute(update(runs).where(runs.c.id == run_id).values(about="", asked="{}"))


def delete_about(connection: Connection, about: str) -> None:
    """Delete all that was asked about something that is gone."""
    connection.execute(delete(runs).where(runs.c.about == about))


def delete_rehearsals(connection: Connection) -> None:
    """Delete rehearsals that ended: they name contacts, of whom one was erased."""
    ended = runs.c.state.not_in(UNDER_WAY)
    connection.execute(delete(runs).where(runs.c.kind == REHEARSAL, ended))


def find(connection: Connection, run_id: int) -> Run | None:
    """The one of that number, if there is one."""
    row = connection.execute(select(runs).where(runs.c.id == run_id)).one_or_none()
    return None if row is None else _run(row)


def newest(connection: Connection, kind: str, about: str | None = None) -> Run | None:
    """The last one of a kind that was asked for, about anything or about this."""
    statement = select(runs).where(runs.c.kind == kind).order_by(runs.c.id.desc()).limit(1)
    if about is not None:
        statement = statement.where(runs.c.about == about)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _run(row)


def _change(connection: Connection, run_id: int, **values: Any) -> bool:
    changed = connection.execute(
        update(runs).where(runs.c.id == run_id, runs.c.state == RUNNING).values(values)
    )
    return changed.rowcount > 0


def _run(row: Row[Any]) -> Run:
    values = dict(row._mapping)
    values["asked_at"] = from_us(row.asked_at)
    values["ended_at"] = None if row.ended_at is None else from_us(row.ended_at)
    return Run(**values)
