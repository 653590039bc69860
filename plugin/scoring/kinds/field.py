"""Kind ``field``: the points are there while a condition on the profile is true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..conditions import Condition, compile_condition
from ..fields import Strict, Worded
from ..history import History, ProfileFact
from ..lines import Line
from ..scorecard import Rule
from .kind import Example, Held


class ConditionTree(Worded):
    """A condition on the profile."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Condition:
        return compile_condition(value)


class FieldSchema(Strict):
    """The key of a ``field`` rule."""

    condition = ConditionTree(required=True, data_key="if")


def _compile(keys: Mapping[str, Any]) -> Condition:
    condition: Condition = keys["condition"]
    return condition


def _hold(rule: Rule, history: History, zone: ZoneInfo) -> Iterable[Line]:
    """Before the first snapshot nothing is known, not even that a field is missing."""
    condition: Condition = rule.params
    start: datetime | None = None
    for snapshot in history.profile:
        holds = condition.holds(snapshot.fields)
        if holds and start is None:
            start = snapshot.at
        elif start is not None and not holds:
            yield _line(rule, start, snapshot.at)
            start = None
    if start is not None:
        yield _line(rule, start, None)


def _line(rule: Rule, start: datetime, end: datetime | None) -> Line:
    names = {"fields": ", ".join(rule.params.fields)}
    return Line(
        rule.id,
        rule.group,
        rule.dimension,
        rule.points,
        rule.decay,
        start,
        end,
        (),
        "field",
        names,
    )


_DAY = datetime(2026, 3, 2, tzinfo=UTC)

FIELD = Held(
    name="field",
    schema=FieldSchema,
    compile=_compile,
    hold=_hold,
    examples=(
        Example(
            rule={"id": "phone-known", "points": 5, "if": {"field": "phone", "present": True}},
            facts=(ProfileFact(_DAY, "1", {"phone": "+33 1 23 45 67 89"}),),
            points=5,
        ),
        Example(
            rule={
                "id": "software-of-some-size",
                "points": 25,
                "if": {
                    "all": [
                        {"field": "industry", "equals": "Software"},
                        {"field": "employees", "between": [50, 200]},
                    ]
                },
            },
            facts=(ProfileFact(_DAY, "1", {"industry": "software", "employees": "120"}),),
            points=25,
        ),
    ),
)
