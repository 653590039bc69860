"""Kind ``duration``: enough time on a page, or on pages of one session together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from connectors.activity import Activity, Subject

from ..fields import Choice, Count, Nested, OneOrMore
from ..history import History
from ..lines import Earnings, Skipped, Told
from ..scorecard import Rule
from .kind import Earned, Example
from .limits import Limit, LimitSchema, beyond, limited
from .selection import ActivityKind, Selection, SelectionSchema, about, select
from .sessions import sessions


@dataclass(frozen=True, slots=True)
class DurationParams:
    """How many seconds, on one page or summed over a session."""

    selection: Selection
    seconds: int
    per: str
    limit: Limit | None


class DurationSchema(SelectionSchema):
    """The keys of a ``duration`` rule."""

    activity = OneOrMore(ActivityKind(), load_default=("page_viewed",))
    seconds = Count(required=True)
    per = Choice(("page", "session"), load_default="page")
    limit = Nested(LimitSchema)


def _compile(keys: Mapping[str, Any]) -> DurationParams:
    return DurationParams(select(keys), keys["seconds"], keys["per"], keys.get("limit"))


def _earn(rule: Rule, matched: Sequence[Activity], history: History, zone: ZoneInfo) -> Earnings:
    """Earned at the view that makes it enough: that is when the time began, though known later."""
    params: DurationParams = rule.params
    known = [(activity, _seconds(activity)) for activity in matched]
    unknown = [activity for activity, seconds in known if seconds is None]
    timed = [(activity, seconds) for activity, seconds in known if seconds is not None]
    if params.per == "page":
        enough = [
            (activity, int(seconds)) for activity, seconds in timed if seconds >= params.seconds
        ]
    else:
        enough = _together(params.seconds, timed, sessions(history))
    counted: Sequence[Activity] = [activity for activity, _ in enough]
    over: Sequence[Activity] = ()
    if params.limit is not None:
        counted, over = limited(params.limit, counted, zone)
    return Earnings(
        rule,
        counted,
        partial(_told, params, counted, enough),
        partial(_skipped, rule, unknown, over),
    )


def _together(
    least: int, timed: Iterable[tuple[Activity, float]], session: Callable[[datetime], int]
) -> list[tuple[Activity, int]]:
    """The views that make it enough in their session, with the seconds until then."""
    enough: list[tuple[Activity, int]] = []
    spent: dict[int, float] = defaultdict(float)
    for activity, seconds in timed:
        visit = session(activity.occurred_at)
        before = spent[visit]
        spent[visit] += seconds
        if before < least <= spent[visit]:
            enough.append((activity, int(spent[visit])))
    return enough


def _told(
    params: DurationParams, counted: Iterable[Activity], enough: Iterable[tuple[Activity, int]]
) -> Iterator[Told]:
    seconds = {activity.id: spent for activity, spent in enough}
    for activity in counted:
        told = about(activity) | {"seconds": seconds[activity.id]}
        yield (activity.id,), f"duration.{params.per}", told


def _skipped(
    rule: Rule, unknown: Iterable[Activity], over: Iterable[Activity]
) -> Iterator[Skipped]:
    for one in unknown:
        yield Skipped(rule.id, one.id, one.occurred_at, "duration.unknown", about(one))
    if over:
        yield from beyond(rule.params.limit, rule, over)


def _seconds(activity: Activity) -> float | None:
    """Until somebody left a page nobody knows how long they stayed: that is not 0."""
    seconds = activity.attributes.get("seconds")
    if seconds is None or isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return None
    return float(seconds) if seconds >= 0 and isfinite(seconds) else None


_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _stayed(id: int, path: str, seconds: int) -> Activity:
    page = Subject("page", url=f"https://example.org{path}")
    at = _NOON + timedelta(minutes=5 * id)
    return Activity(f"hit:{id}", "7", "page_viewed", at, page, {"seconds": seconds})


DURATION = Earned(
    name="duration",
    schema=DurationSchema,
    compile=_compile,
    selection=lambda params: params.selection,
    earn=_earn,
    examples=(
        Example(
            rule={"id": "reads-the-product", "points": 6, "url": "*/product*", "seconds": 180},
            activities=(_stayed(1, "/product", 20), _stayed(2, "/product", 240)),
            points=6,
        ),
        Example(
            rule={"id": "long-visit", "points": 4, "seconds": 300, "per": "session"},
            activities=(_stayed(1, "/", 120), _stayed(2, "/product", 200)),
            points=4,
        ),
    ),
)
