"""Kind ``completeness``: points for each optional thing a contact chose to tell, up to a cap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, validates_schema

from connectors.activity import Activity, Subject

from ..fields import OneOrMore, Points, Text
from ..history import History, ProfileFact
from ..lines import Line
from ..operators import is_known
from ..scorecard import Rule
from .kind import Example, Held
from .limits import subject_of
from .selection import NOTHING, EvidenceSchema, Selection, select
from .stretches import held, stretches


@dataclass(frozen=True, slots=True)
class CompletenessParams:
    """Fields of the profile, or forms whose optional fields count; ``cap`` in micro-points."""

    fields: tuple[str, ...]
    forms: Selection
    cap: int | None


class CompletenessSchema(EvidenceSchema):
    """The keys of a ``completeness`` rule."""

    fields_ = OneOrMore(Text(), data_key="fields")
    form = OneOrMore(Text())
    cap = Points()

    @validates_schema(skip_on_field_errors=False)
    def _fields_or_form(self, data: Mapping[str, Any], **_: Any) -> None:
        if "fields_" in data and "form" in data:
            raise ValidationError({"form": ["must not stand beside fields; keep one of them"]})
        if "cap" in data and data["cap"] <= 0:
            raise ValidationError({"cap": ["must be above 0"]})

    @validates_schema
    def _one_of_them(self, data: Mapping[str, Any], **_: Any) -> None:
        if "fields_" not in data and "form" not in data:
            raise ValidationError({"fields": ["is missing; write fields: [phone, …] or form: …"]})


def _compile(keys: Mapping[str, Any]) -> CompletenessParams:
    forms = NOTHING
    if "form" in keys:
        forms = select({"activity": ("form_submitted",), "form": keys["form"]})
    return CompletenessParams(tuple(dict.fromkeys(keys.get("fields_", ()))), forms, keys.get("cap"))


def _hold(rule: Rule, matched: Sequence[Activity], history: History, zone: ZoneInfo) -> list[Line]:
    params: CompletenessParams = rule.params
    fields = params.fields
    counts = _in_profile(fields, history) if fields else _in_forms(matched)
    lines: list[Line] = []
    for count, start, end in stretches(counts):
        points = rule.points * count
        if params.cap is not None:
            points = max(-params.cap, min(params.cap, points))
        lines.append(held(rule, start, end, "completeness", {"times": count}, points))
    return lines


def _in_profile(names: Sequence[str], history: History) -> Iterator[tuple[datetime, int]]:
    for snapshot in history.telling_any(names):
        yield snapshot.at, sum([is_known(snapshot.fields.get(name)) for name in names])


def _in_forms(submissions: Iterable[Activity]) -> Iterator[tuple[datetime, int]]:
    """Of each form the latest submission counts, once the platform has said what is optional."""
    filled: dict[tuple[str, str | None], int] = {}
    for activity in submissions:
        optional = activity.attributes.get("optional")
        if isinstance(optional, list | tuple):
            filled[subject_of(activity)] = _filled(activity, optional)
            yield activity.occurred_at, sum(filled.values())


def _filled(activity: Activity, optional: Iterable[Any]) -> int:
    answers = activity.attributes.get("answers")
    if not answers:
        return 0
    return sum([is_known(answers[alias]) for alias in set(map(str, optional)) if alias in answers])


_DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
_OPTIONAL = ["phone", "company", "budget", "message"]
_ANSWERS = {"email": "a@example.org", "phone": "+33 1 23 45 67 89", "company": "Nova", "budget": ""}

COMPLETENESS = Held(
    name="completeness",
    schema=CompletenessSchema,
    compile=_compile,
    hold=_hold,
    reads=lambda params: params.fields,
    selection=lambda params: params.forms,
    examples=(
        Example(
            rule={"id": "optional-answers", "points": 3, "form": "demo*", "cap": 9},
            activities=(
                Activity(
                    "submission:1",
                    "7",
                    "form_submitted",
                    _DAY,
                    Subject("form", "1", "Demo form"),
                    {"answers": _ANSWERS, "optional": _OPTIONAL},
                ),
            ),
            points=6,
        ),
        Example(
            rule={
                "id": "known-details",
                "points": 3,
                "fields": ["phone", "company", "position", "website"],
                "cap": 9,
            },
            facts=(
                ProfileFact(
                    _DAY,
                    "1",
                    {"phone": "1", "company": "Nova", "position": "CEO", "website": "nova.example"},
                ),
            ),
            points=9,
        ),
    ),
)
