"""Kind ``field``: the points are there while a condition on the profile is true."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from operator import is_
from typing import Any
from zoneinfo import ZoneInfo

from connectors.activity import Activity

from ..conditions import Condition, compile_condition
from ..fields import Strict, Worded
from ..history import History, ProfileFact, Snapshot
from ..lines import Line
from ..scorecard import Rule
from .kind import Example, Held
from .stretches import held, stretches


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
    answers = _by_day(condition, history, zone) if condition.ages else _plain(condition, history)
    if not answers:
        return []
    told = {"fields": ", ".join(condition.fields)}
    return [held(rule, start, end, "field", told) for _, start, end in stretches(answers)]


def _plain(condition: Condition, history: History) -> list[tuple[datetime, bool]]:
    """The answer at every snapshot that may change it; most tell nothing new of a field."""
    answers: list[tuple[datetime, bool]] = []
    was = False
    for snapshot in _telling(condition.fields, history.profile):
        if (answer := condition.holds(snapshot.fields)) is not was:
            answers.append((snapshot.at, answer))
            was = answer
    return answers


def _telling(names: Sequence[str], profile: Iterable[Snapshot]) -> list[Snapshot]:
    """The snapshots that tell something new of these fields.

    Facts are merged over one another: what they do not tell anew is the same object.
    """
    found: list[Snapshot] = []
    before: Any = found  # no profile has it
    if len(names) == 1:
        for snapshot in profile:
            if (value := snapshot.fields.get(names[0])) is not before:
                before = value
                found.append(snapshot)
        return found
    for snapshot in profile:
        values = [snapshot.fields.get(name) for name in names]
        if before is found or not all(map(is_, values, before)):
            before = values
            found.append(snapshot)
    return found


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
