"""Kind ``repeat``: a bonus for the n-th time, counted by activity, session, day or subject."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, validates_schema

from connectors.activity import Activity, Subject

from ..fields import Choice, Count, Duration
from ..history import History
from ..lines import Earnings, Told
from ..scorecard import Rule
from .kind import Earned, Example
from .limits import days, subject_of
from .selection import Selection, SelectionSchema, about, select
from .sessions import sessions

_NONE = object()
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


def _earn(rule: Rule, matched: Sequence[Activity], history: History, zone: ZoneInfo) -> Earnings:
    params: RepeatParams = rule.params
    full: list[list[Activity]] = []
    if len(matched) >= params.times:
        found = _full(params, matched, _keys(params.by, matched, history, zone))
        full = list(found if params.again else islice(found, 1))
    return Earnings(rule, [counted[-1] for counted in full], partial(_told, params, full))


def _told(params: RepeatParams, full: Iterable[list[Activity]]) -> Iterator[Told]:
    for counted in full:
        ids = tuple([activity.id for activity in counted])
        yield ids, f"repeat.{params.by}", about(counted[-1]) | {"times": params.times}


def _full(
    params: RepeatParams, matched: Sequence[Activity], keys: Iterable[Any]
) -> Iterator[list[Activity]]:
    """The activities that complete a count. What went into one bonus goes into no other."""
    times, within, last, counts = params.times, params.within, _NONE, False
    open_: dict[Any, Activity] = {}
    used: set[Any] = set()
    for activity, key in zip(matched, keys, strict=True):
        if key == last:  # as most are
            if counts:
                open_[key] = activity  # the newest of a session stands for it
            continue
        last, counts = key, key not in used
        if not counts:
            continue
        open_.pop(key, None)  # again at the end: they are ordered by time
        open_[key] = activity
        if within is not None and len(open_) > 1:
            _forget(open_, activity.occurred_at - within)
        if len(open_) == times:
            used.update(open_)
            yield list(open_.values())
            open_.clear()
            counts = False


def _forget(open_: dict[Any, Activity], until: datetime) -> None:
    old = []
    for key, activity in open_.items():
        if activity.occurred_at > until:
            break
        old.append(key)
    for key in old:
        del open_[key]


def _keys(by: str, matched: Sequence[Activity], history: History, zone: ZoneInfo) -> Iterable[Any]:
    if by == "session":
        session = sessions(history)
        return [session(activity.occurred_at) for activity in matched]
    if by == "day":
        return days(matched, zone)
    return map(subject_of if by == "subject" else _id, matched)


def _id(activity: Activity) -> str:
    return activity.id


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
    enough=lambda params, activities: len(activities) >= params.times,
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
