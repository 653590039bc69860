"""Kind ``field``: the points are there while a condition on the profile is true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from itertools import zip_longest
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from connectors.activity import Activity

from ..conditions import Condition, compile_condition
from ..fields import Strict, Worded
from ..history import History, ProfileFact
from ..lines import Line
from ..scorecard import Rule
from .kind import Example, Held
from .stretches import held, stretches

#: From when, and until when if it ends.
_Span: TypeAlias = tuple[datetime, datetime | None]


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


def _hold(rule: Rule, matched: Sequence[Activity], history: History, zone: ZoneInfo) -> list[Line]:
    """Before the first snapshot nothing is known, not even that a field is missing."""
    condition: Condition = rule.params
    find = _spans_by_day if condition.ages else _spans
    spans = find(condition, history, zone)
    if not spans:
        return []
    told = {"fields": ", ".join(condition.fields)}
    return [held(rule, start, end, "field", told) for start, end in spans]


def _spans(condition: Condition, history: History, zone: ZoneInfo) -> list[_Span]:
    """From when to when it holds; most rules are about what nobody told."""
    told = history.telling_any(condition.fields)
    if condition.of_unknown:
        told = [*history.profile[:1], *told]
    turns: list[datetime] = []
    was = False
    for snapshot in told:
        if condition.holds(snapshot.fields) is not was:
            turns.append(snapshot.at)
            was = not was
    return list(zip_longest(turns[::2], turns[1::2]))


def _spans_by_day(condition: Condition, history: History, zone: ZoneInfo) -> list[_Span]:
    answers = stretches(_by_day(condition, history, zone))
    return [(start, end) for _, start, end in answers]


def _by_day(condition: Condition, history: History, zone: ZoneInfo) -> list[tuple[datetime, bool]]:
    """At every change of the profile, and at midnight of every day that an age turns."""
    answers: list[tuple[datetime, bool]] = []
    for number, snapshot in enumerate(history.profile):
        at, fields = snapshot.at, snapshot.fields
        days = condition.turns(fields)
        today = at.astimezone(zone).date() if days else None
        answers.append((at, condition.holds(fields, today)))
        following = history.profile[number + 1 : number + 2]
        for day in days:
            midnight = datetime.combine(day, time(), zone).astimezone(UTC)
            if at < midnight and not (following and following[0].at <= midnight):
                answers.append((midnight, condition.holds(fields, day)))
    return answers


_DAY = datetime(2026, 3, 2, tzinfo=UTC)

FIELD = Held(
    name="field",
    schema=FieldSchema,
    compile=_compile,
    hold=_hold,
    reads=lambda condition: condition.fields,
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
        Example(
            rule={
                "id": "in-their-twenties",
                "points": 4,
                "if": {"field": "birthday", "age": [20, 29]},
            },
            facts=(ProfileFact(_DAY, "1", {"birthday": "2000-05-17"}),),
            points=4,
        ),
        Example(
            rule={
                "id": "decides",
                "points": 8,
                "if": {"field": "position", "level": ["executive", "director"]},
            },
            facts=(ProfileFact(_DAY, "1", {"position": "Directrice générale adjointe"}),),
            points=8,
        ),
    ),
)
