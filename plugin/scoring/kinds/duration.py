"""Kind ``duration``: enough time on a page, or on pages of one session together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Any
from zoneinfo import ZoneInfo

from connectors.activity import Activity, Subject

from ..fields import Choice, Count, Nested, OneOrMore
from ..history import History
from ..lines import Line, Skipped
from ..scorecard import Rule
from .kind import Earned, Example
from .limits import Limit, LimitSchema, beyond, counter
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


def _earn(
    rule: Rule, matched: Sequence[Activity], history: History, zone: ZoneInfo
) -> Iterable[Line | Skipped]:
    """Earned at the view that makes it enough: that is when the time began, though known later."""
    params: DurationParams = rule.params
    limit = params.limit
    allows = counter(limit, zone) if limit else None
    visit = _visit(params.per, history)
    spent: dict[int | str, float] = defaultdict(float)
    for activity in matched:
        seconds = _seconds(activity)
        if seconds is None:
            yield _unknown(rule, activity)
            continue
        key = visit(activity)
        before = spent[key]
        spent[key] += seconds
        if before < params.seconds <= spent[key]:
            if limit is None or allows is None or allows(activity):
                yield _line(rule, activity, int(spent[key]))
            else:
                yield beyond(limit, rule, activity)


def _visit(per: str, history: History) -> Callable[[Activity], int | str]:
    if per == "page":
        return lambda activity: activity.id
    session = sessions(history.activities)
    return lambda activity: session(activity.occurred_at)


def _seconds(activity: Activity) -> float | None:
    """Until somebody left a page nobody knows how long they stayed: that is not 0."""
    seconds = activity.attributes.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return float(seconds) if seconds >= 0 and isfinite(seconds) else None


def _unknown(rule: Rule, activity: Activity) -> Skipped:
    return Skipped(rule.id, activity.id, activity.occurred_at, "duration.unknown", about(activity))


def _line(rule: Rule, activity: Activity, seconds: int) -> Line:
    return Line(
        rule.id,
        rule.group,
        rule.dimension,
        rule.points,
        rule.decay,
        activity.occurred_at,
        None,
        (activity.id,),
        f"duration.{rule.params.per}",
        about(activity) | {"seconds": seconds},
    )


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
