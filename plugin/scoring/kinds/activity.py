"""Kind ``activity``: each activity that fits earns the points, within a limit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.activity import KINDS, Activity, Subject

from ..fields import Nested
from ..history import History
from ..lines import Line, Skipped
from ..scorecard import Rule
from .kind import Earned, Example
from .limits import Limit, LimitSchema, beyond, counter
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


def _earn(
    rule: Rule, matched: Sequence[Activity], history: History, zone: ZoneInfo
) -> Iterable[Line | Skipped]:
    limit: Limit | None = rule.params.limit
    allows = counter(limit, zone) if limit else None
    id, group, dimension = rule.id, rule.group, rule.dimension
    points, decay = rule.points, rule.decay
    for activity in matched:
        if limit is None or allows is None or allows(activity):
            yield Line(
                id,
                group,
                dimension,
                points,
                decay,
                activity.occurred_at,
                None,
                (activity.id,),
                _REASONS.get(activity.kind, "activity.custom"),
                about(activity),
            )
        else:
            yield beyond(limit, rule, activity)


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
