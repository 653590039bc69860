"""Kind ``absence``: what did not happen for some time, or what a contact did not tell."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, validates_schema

from connectors.activity import Activity, Subject

from ..durations import format_duration
from ..fields import Duration, OneOrMore, Text, Worded
from ..history import History, ProfileFact
from ..lines import Line
from ..operators import is_known
from ..scorecard import Rule
from .kind import Example, Held
from .selection import NOTHING, EvidenceSchema, Selection, SelectionSchema, select
from .stretches import held, stretches

_MOMENT = attrgetter("occurred_at")
#: What people tell of themselves. Fields that a platform fills by itself are not among them.
DETAILS = (
    *("email", "firstname", "lastname", "company", "position", "phone", "mobile"),
    *("address1", "zipcode", "city", "website"),
)


@dataclass(frozen=True, slots=True)
class AbsenceParams:
    """Either an activity that does not happen ``for`` some time, or fields that stay alone."""

    missing: Selection
    for_: timedelta
    only: tuple[str, ...]
    of: tuple[str, ...]
    told: Mapping[str, str]


class Missing(Worded):
    """Kinds of activity, or a mapping that chooses activities as an ``activity`` rule does."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Selection:
        keys = value if isinstance(value, Mapping) else {"activity": value}
        return select(SelectionSchema().load(keys))


class AbsenceSchema(EvidenceSchema):
    """The keys of an ``absence`` rule."""

    no = Missing()
    for_ = Duration(data_key="for")
    only_ = OneOrMore(Text(), data_key="only")
    of = OneOrMore(Text(), load_default=DETAILS)

    @validates_schema(skip_on_field_errors=False)
    def _no_or_only(self, data: Mapping[str, Any], **_: Any) -> None:
        if "no" in data and "only_" in data:
            raise ValidationError({"only": ["must not stand beside no; keep one of them"]})

    @validates_schema
    def _whole(self, data: Mapping[str, Any], **_: Any) -> None:
        if "no" in data and "for_" not in data:
            raise ValidationError({"for": ["is missing; write for: 30d"]})
        if "no" not in data and "only_" not in data:
            raise ValidationError({"no": ["is missing; write no: page_viewed or only: email"]})


def _compile(keys: Mapping[str, Any]) -> AbsenceParams:
    only = tuple(dict.fromkeys(keys.get("only_", ())))
    others = tuple(name for name in dict.fromkeys(keys["of"]) if name not in only)
    missing, for_ = keys.get("no", NOTHING), keys.get("for_", timedelta())
    told = {"fields": ", ".join(only)} if only else {"length": format_duration(for_)}
    return AbsenceParams(missing, for_, only, others, told)


def _hold(rule: Rule, matched: Sequence[Activity], history: History, zone: ZoneInfo) -> list[Line]:
    params: AbsenceParams = rule.params
    if params.only:
        alone = [(start, end) for _, start, end in stretches(_alone(params, history))]
        return [held(rule, start, end, "absence.only", params.told) for start, end in alone]
    silences = _silences(params.for_, matched, history)
    return [held(rule, start, end, "absence.no", params.told) for start, end in silences]


def _alone(params: AbsenceParams, history: History) -> Iterator[tuple[datetime, int]]:
    if not all(name in history.telling for name in params.only):
        return
    for snapshot in history.profile:
        yield snapshot.at, int(_is_alone(params, snapshot.fields))


def _is_alone(params: AbsenceParams, fields: Mapping[str, Any]) -> bool:
    for name in params.of:  # first, because most contacts tell one of them
        if name in fields and is_known(fields[name]):
            return False
    return all(is_known(fields.get(name)) for name in params.only)


def _silences(
    length: timedelta, heard: Sequence[Activity], history: History
) -> Iterator[tuple[datetime, datetime | None]]:
    """Silence begins when a contact becomes known, and anew with each such activity."""
    firsts = [activity.occurred_at for activity in history.activities[:1]]
    firsts += [snapshot.at for snapshot in history.profile[:1]]
    if not firsts:
        return
    last, following = min(firsts), 0
    while following < len(heard):
        # The last one that was heard in time, of as many as there are.
        reached = bisect_right(heard, last + length, following, key=_MOMENT)
        if reached == following:
            yield last + length, heard[following].occurred_at
            reached += 1
        last, following = heard[reached - 1].occurred_at, reached
    yield last + length, None


_DAY = datetime(2026, 3, 2, tzinfo=UTC)

ABSENCE = Held(
    name="absence",
    schema=AbsenceSchema,
    compile=_compile,
    hold=_hold,
    selection=lambda params: params.missing,
    examples=(
        Example(
            rule={"id": "only-an-email", "points": -6, "only": "email"},
            facts=(ProfileFact(_DAY, "1", {"email": "a@example.org", "phone": ""}),),
            points=-6,
        ),
        Example(
            rule={
                "id": "silent",
                "points": -5,
                "no": ["page_viewed", "email_clicked"],
                "for": "30d",
            },
            activities=(Activity("hit:1", "7", "page_viewed", _DAY, Subject("page")),),
            points=-5,
        ),
    ),
)
