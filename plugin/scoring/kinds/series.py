"""Kind ``series``: a bonus once every member of a list was seen, opened, clicked or fetched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from connectors.activity import Activity, Evidence, Subject

from ..fields import OneOrMore, Text
from ..history import History
from ..lines import Earnings, Told
from ..scorecard import Rule
from .kind import Earned, Example
from .selection import Selection, SelectionSchema, about, narrowed, numbered, select


@dataclass(frozen=True, slots=True)
class SeriesParams:
    """How many members there are, and which of them an activity is about."""

    selection: Selection
    size: int
    members: Callable[[Activity], set[int]]


class SeriesSchema(SelectionSchema):
    """The keys of a ``series`` rule. A member is an id, a name, an alias or an address."""

    all_of = OneOrMore(Text(), required=True)


def _compile(keys: Mapping[str, Any]) -> SeriesParams:
    names = tuple(dict.fromkeys(keys["all_of"]))
    members = numbered(names)
    return SeriesParams(narrowed(select(keys), members), len(names), members)


def _covered(params: SeriesParams, activities: Iterable[Activity]) -> bool:
    """One activity may be about several members: by its id and by its name."""
    return len(set().union(*map(params.members, activities))) == params.size


def _earn(rule: Rule, matched: Sequence[Activity], history: History, zone: ZoneInfo) -> Earnings:
    params: SeriesParams = rule.params
    missing = set(range(params.size))
    counted: list[Activity] = []
    for activity in matched:
        if missing.isdisjoint(members := params.members(activity)):
            continue
        missing -= members
        counted.append(activity)
        if not missing:
            return Earnings(rule, (activity,), partial(_told, params, counted))
    return Earnings(rule, (), tuple)


def _told(params: SeriesParams, counted: Sequence[Activity]) -> Iterator[Told]:
    ids = tuple([activity.id for activity in counted])
    yield ids, "series", about(counted[-1]) | {"times": params.size}


_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _opened(mail: int) -> Activity:
    subject = Subject("email", str(mail), f"Welcome {mail}")
    at = _NOON + timedelta(days=mail)
    return Activity(f"open:{mail}", "7", "email_opened", at, subject, evidence=Evidence.HUMAN)


SERIES = Earned(
    name="series",
    schema=SeriesSchema,
    compile=_compile,
    selection=lambda params: params.selection,
    earn=_earn,
    enough=_covered,
    examples=(
        Example(
            rule={
                "id": "whole-welcome-campaign",
                "points": 12,
                "activity": "email_opened",
                "all_of": ["Welcome 1", "Welcome 2", "Welcome 3"],
                "evidence": "human",
            },
            activities=(_opened(1), _opened(2), _opened(3)),
            points=12,
        ),
    ),
)
