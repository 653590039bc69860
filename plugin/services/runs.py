"""Use case: long work that somebody asked for on a page: to rehearse, propose points, forget.

A worker does it, one after the other, and tells how far it is; whoever asked may watch or stop it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar

import orjson
from sqlalchemy import Connection, Engine

from plugin.learning.question import Question
from plugin.scoring.durations import parse_duration
from plugin.scoring.problems import ScorecardError
from plugin.storage import ranking, runs
from plugin.storage.engine import for_reading
from plugin.storage.runs import DONE, FORGETTING, PROPOSAL, REHEARSAL, Run

from .drafts import UnknownDraft, draft_of
from .protected_use import note_use
from .rehearsal import Told, in_short
from .rehearse import rehearse

#: Contacts between two notes of how far it is.
_STEP = 200
#: How soon a contact must be won, how often it is looked at, about how many are looked at.
HORIZON, EVERY, SAMPLE = "60d", "30d", 20_000

_T = TypeVar("_T")
#: Tells how much of how much is done; raises ``Stopped``.
Advance: TypeAlias = Callable[[int, int], None]
#: Does what was asked, as of a moment; raises ``CannotRun``.
Work: TypeAlias = Callable[[Engine, Mapping[str, Any], datetime, Advance], Any]


class Stopped(Exception):
    """Nobody wants the result any more, or the worker ends."""


class CannotRun(Exception):
    """Nothing can come of it: ``extra_missing``, ``nothing_to_learn``, ``no_draft``,
    ``no_scorecard`` or ``unknown``."""


def ask_rehearsal(
    engine: Engine, draft: int, revision: int, weeks: int, who: str, now: datetime
) -> int:
    """Ask what publishing the draft would change; answers the run's number."""
    asked = {"draft": draft, "revision": revision, "weeks": weeks}
    with engine.begin() as connection:
        return _ask(connection, REHEARSAL, str(draft), asked, who, now)


def ask_proposal(
    engine: Engine,
    horizon: timedelta,
    allowed: Iterable[str],
    who: str,
    now: datetime,
    *,
    protected: Iterable[str] = (),
    reason: str = "",
) -> int:
    """Ask what contacts that were won teach about points; answers the run's number.

    ``protected`` fields may be used for the ``reason``, which goes into the trail; raises
    ``NoReason`` without one.
    """
    asked = {
        "horizon": f"{horizon.days}d",
        "allowed": sorted(allowed),
        "protected": sorted(protected),
        "reason": reason,
    }
    question = _question(asked)
    with engine.begin() as connection:
        note_use(connection, question, who, now)
        return _ask(connection, PROPOSAL, "", asked, who, now)


def newest_run(engine: Engine, kind: str, about: str = "") -> Run | None:
    """The last one that was asked of this."""
    with for_reading(engine).begin() as connection:
        return runs.newest(connection, kind, about)


def result_of(run: Run | None) -> Any:
    """What it came to, as plain data; ``None`` before, or where nothing did."""
    return orjson.loads(run.result) if run and run.state == DONE and run.result else None


def stop_run(engine: Engine, number: int, now: datetime) -> None:
    """Let it be; what it would have come to is lost."""
    with engine.begin() as connection:
        runs.stop(connection, number, now)


def run_next(
    engine: Engine,
    clock: Callable[[], datetime],
    ending: Callable[[], bool] = lambda: False,
    more: Mapping[str, Work] = MappingProxyType({}),
) -> int:
    """Do the next that was asked for; answers how many were done. The caller is alone in this.

    What is under way when ``ending`` says so is left, to be begun anew. ``more`` does the kinds
    that need more than the database.
    """
    with for_reading(engine).begin() as connection:
        if not runs.waits(connection):
            return 0
    with engine.begin() as connection:
        run = runs.take(connection)
    if run is None:
        return 0
    try:
        work = {**_WORK, **more}[run.kind]
        found = work(engine, orjson.loads(run.asked), clock(), _teller(engine, run, ending))
    except Stopped:
        return 1
    except CannotRun as error:
        _end(engine, run, clock(), error=str(error))
    except Exception:
        # Not again and again: whoever asked is told, and so is the log.
        _end(engine, run, clock(), error="failed")
        raise
    else:
        _end(engine, run, clock(), result=orjson.dumps(found).decode())
    return 1


def _ask(
    connection: Connection,
    kind: str,
    about: str,
    asked: Mapping[str, Any],
    who: str,
    now: datetime,
) -> int:
    return runs.ask(connection, kind, about, orjson.dumps(asked).decode(), who, now)


def _end(engine: Engine, run: Run, now: datetime, *, result: str = "", error: str = "") -> None:
    with engine.begin() as connection:
        if error:
            runs.fail(connection, run.id, error, now)
        else:
            runs.finish(connection, run.id, result, now)
        if run.kind == FORGETTING:
            runs.make_nameless(connection, run.id)


def _teller(engine: Engine, run: Run, ending: Callable[[], bool]) -> Advance:
    def advance(done: int, total: int) -> None:
        with engine.begin() as connection:
            if not runs.advance(connection, run.id, done, total) or ending():
                raise Stopped

    return advance


def _rehearsal(engine: Engine, asked: Mapping[str, Any], now: datetime, advance: Advance) -> Any:
    with for_reading(engine).begin() as connection:
        total = ranking.count(connection)
    told = Told()
    try:
        draft = draft_of(engine, asked["draft"])
        found = rehearse(engine, draft.source, draft.name, now, asked["weeks"])
    except UnknownDraft as error:
        raise CannotRun("no_draft") from error
    except ScorecardError as error:
        raise CannotRun("no_scorecard") from error
    for one in _counted(found, total, advance):
        told.add(one)
    return in_short(told) | {"revision": draft.revision, "weeks": asked["weeks"]}


def _proposal(engine: Engine, asked: Mapping[str, Any], now: datetime, advance: Advance) -> Any:
    try:
        from .learn import NothingToLearn, learn
    except ModuleNotFoundError as error:
        raise CannotRun("extra_missing") from error
    try:
        return learn(engine, now, _question(asked), advance)
    except NothingToLearn as error:
        raise CannotRun("nothing_to_learn") from error


def _question(asked: Mapping[str, Any]) -> Question:
    return Question(
        parse_duration(asked["horizon"]),
        parse_duration(EVERY),
        SAMPLE,
        frozenset(asked["allowed"]),
        frozenset(asked["protected"]),
        asked["reason"],
    )


def _counted(found: Iterable[_T], total: int, advance: Advance) -> Iterator[_T]:
    advance(0, total)
    for number, one in enumerate(found, 1):
        if number % _STEP == 0:
            advance(number, total)
        yield one
    advance(total, total)


_WORK: Mapping[str, Work] = {REHEARSAL: _rehearsal, PROPOSAL: _proposal}
