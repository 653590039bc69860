"""Kind ``activity``: each activity that fits earns the points, within a limit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from connectors.activity import KINDS, Activity, Subject

from ..fields import Nested
from ..history import History
from ..lines import Earnings, Told
from ..scorecard import Rule
from .kind import Earned, Example
from .limits import Limit, LimitSchema, beyond, limited
from .selection import Selection, SelectionSchema, about, select

_REASONS = {kind: f"activity.{kind}" for kind in KINDS}


@dataclass(frozen=True, slots=True)
class ActivityParams:
    """Which activities earn, and how often at most."""

    selection: Selection
    limit: Limit | None


class ActivitySchema(SelectionSchema):
    """The keys of an ``activity`` rule."""

    limit = Nested(LimitSchema)


def _compile(keys: Mapping[str, Any]) -> ActivityParams:
    return ActivityParams(select(keys), keys.get("limit"))


def _earn(rule: Rule, matched: Sequence[Activity], history: History, zone: ZoneInfo) -> Earnings:
    limit: Limit | None = rule.params.limit
    if limit is None or len(matched) <= limit.times:
        return Earnings(rule, matched, partial(_told, matched))
    counted, over = limited(limit, matched, zone)
    return Earnings(rule, counted, partial(_told, counted), partial(beyond, limit, rule, over))


def _told(counted: Iterable[Activity]) -> Iterator[Told]:
    for activity in counted:
        reason = _REASONS.get(activity.kind, "activity.custom")
        yield (activity.id,), reason, about(activity)


_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_PAGE = Subject("page", url="https://example.org/pricing")

ACTIVITY = Earned(
    name="activity",
    schema=ActivitySchema,
    compile=_compile,
    selection=lambda params: params.selection,
    earn=_earn,
    examples=(
        Example(
            rule={"id": "pricing", "points": 5, "activity": "page_viewed", "url": "*/pricing*"},
            activities=(Activity("hit:1", "7", "page_viewed", _NOON, _PAGE),),
            points=5,
        ),
        Example(
            rule={
                "id": "visit",
                "points": 1,
                "activity": "page_viewed",
                "limit": {"times": 1, "per": "day"},
            },
            activities=(
                Activity("hit:1", "7", "page_viewed", _NOON, _PAGE),
                Activity("hit:2", "7", "page_viewed", _NOON, _PAGE),
            ),
            points=1,
        ),
    ),
)
