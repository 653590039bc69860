"""Kind ``repeat``: a bonus for the n-th time, counted by activity, session, day or subject."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, validates_schema

from connectors.activity import Activity, Subject

from ..fields import Choice, Count, Duration
from ..history import History
from ..lines import Line
from ..scorecard import Rule
from .kind import Earned, Example
from .limits import day_end, subject_of
from .selection import Selection, SelectionSchema, about, select
from .sessions import sessions

_COUNTED = ("activity", "session", "day", "subject")


@dataclass(frozen=True, slots=True)
class RepeatParams:
    """``times`` different ones within ``within`` earn; ``again`` says whether more than once."""

    selection: Selection
    times: int
    again: bool
    by: str
    within: timedelta | None


class RepeatSchema(SelectionSchema):
    """The keys of a ``repeat`` rule."""

    nth = Count()
    every = Count()
    by = Choice(_COUNTED, load_default="activity")
    within = Duration()

    @validates_schema(skip_on_field_errors=False)
    def _nth_or_every(self, data: Mapping[str, Any], **_: Any) -> None:
        if "nth" in data and "every" in data:
            raise ValidationError({"every": ["must not stand beside nth; keep one of them"]})

    @validates_schema
    def _some_number(self, data: Mapping[str, Any], **_: Any) -> None:
        if "nth" not in data and "every" not in data:
            raise ValidationError({"nth": ["is missing; write nth: 3 (once) or every: 3"]})


def _compile(keys: Mapping[str, Any]) -> RepeatParams:
    times = keys.get("nth") or keys["every"]
    return RepeatParams(select(keys), times, "every" in keys, keys["by"], keys.get("within"))


def _earn(
    rule: Rule, matched: Sequence[Activity], history: History, zone: ZoneInfo
) -> Iterable[Line]:
    params: RepeatParams = rule.params
    if len(matched) < params.times:
        return
    for counted in _full(params, matched, _unit(params.by, history, zone)):
        last = counted[-1]
        yield Line(
            rule.id,
            rule.group,
            rule.dimension,
            rule.points,
            rule.decay,
            last.occurred_at,
            None,
            tuple(activity.id for activity in counted),
            f"repeat.{params.by}",
            about(last) | {"times": params.times},
        )
        if not params.again:
            return


def _full(
    params: RepeatParams, matched: Sequence[Activity], unit: Callable[[Activity], Any]
) -> Iterator[list[Activity]]:
    """The activities that complete a count. What went into one bonus goes into no other."""
    open_: dict[Any, Activity] = {}
    used: set[Any] = set()
    for activity in matched:
        key = unit(activity)
        if key in used:
            continue
        open_.pop(key, None)  # again at the end: the newest of a session stands for it
        open_[key] = activity
        if params.within is not None:
            _forget(open_, activity.occurred_at - params.within)
        if len(open_) == params.times:
            used.update(open_)
            yield list(open_.values())
            open_.clear()


def _forget(open_: dict[Any, Activity], until: datetime) -> None:
    for key in [key for key, activity in open_.items() if activity.occurred_at <= until]:
        del open_[key]


def _unit(by: str, history: History, zone: ZoneInfo) -> Callable[[Activity], Any]:
    if by == "session":
        session = sessions(history.activities)
        return lambda activity: session(activity.occurred_at)
    if by == "day":
        return lambda activity: day_end(activity.occurred_at, zone)
    return subject_of if by == "subject" else lambda activity: activity.id


_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_PAGE = Subject("page", url="https://example.org/pricing")


def _seen(id: int, after: timedelta) -> Activity:
    return Activity(f"hit:{id}", "7", "page_viewed", _NOON + after, _PAGE)


def _fetched(id: str, days: int) -> Activity:
    at, asset = _NOON + timedelta(days=days), Subject("asset", id, f"Guide {id}")
    return Activity(f"download:{id}/{days}", "7", "asset_downloaded", at, asset)


REPEAT = Earned(
    name="repeat",
    schema=RepeatSchema,
    compile=_compile,
    selection=lambda params: params.selection,
    earn=_earn,
    examples=(
        Example(
            rule={
                "id": "comes-back-to-pricing",
                "points": 10,
                "activity": "page_viewed",
                "url": "*/pricing*",
                "nth": 3,
                "by": "session",
                "within": "30d",
            },
            activities=(
                _seen(1, timedelta()),
                _seen(2, timedelta(minutes=1)),
                _seen(3, timedelta(hours=5)),
                _seen(4, timedelta(days=2)),
            ),
            points=10,
        ),
        Example(
            rule={
                "id": "every-second-resource",
                "points": 4,
                "activity": "asset_downloaded",
                "every": 2,
                "by": "subject",
            },
            activities=(_fetched("1", 0), _fetched("1", 1), _fetched("2", 2), _fetched("3", 3)),
            points=4,
        ),
    ),
)
