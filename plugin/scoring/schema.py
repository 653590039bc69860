"""The keys of a scorecard's text and what may stand behind each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType
from typing import Any
from zoneinfo import available_timezones

from marshmallow import ValidationError, post_load, validates_schema

from .actions import ActionItem
from .catalogue import LANGUAGES
from .consent import ConsentSchema
from .decay import Decay, NoDecay, parse_decay
from .fields import (
    Choice,
    Count,
    Day,
    Duration,
    Identifier,
    Nested,
    OneOrMore,
    Points,
    Strict,
    Switch,
    Text,
    Worded,
    finite,
)
from .kinds import KINDS, Earned
from .kinds.selection import EvidenceSchema
from .outcomes import OutcomesSchema
from .scorecard import Bounds, EvidenceSettings, Labels
from .verdicts import VerdictsSchema
from .wording import not_allowed

DIMENSIONS = ("fit", "engagement")
_SHAPES = ("half_life", "linear", "steps", "expires")


class Label(Worded):
    """Text by language, or one text for every language."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Labels:
        if not isinstance(value, Mapping):
            return {"en": Text().deserialize(value)}
        problems: dict[str, Any] = {}
        labels: dict[str, str] = {}
        for language, text in value.items():
            try:
                labels[str(Choice(LANGUAGES).deserialize(language))] = str(Text().deserialize(text))
            except ValidationError as error:
                problems[language] = error.messages
        if problems or not labels:
            raise ValidationError(problems or "must have a text in en or fr")
        return labels


class Fading(Worded):
    """``none`` or one of the shapes with its value, as a mapping or in one text."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Decay:
        try:
            return parse_decay(self._text(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def _text(self, value: Any) -> str:
        if not isinstance(value, Mapping):
            return str(value)
        if len(value) != 1:
            raise ValidationError(f"must have one of {', '.join(_SHAPES)}")
        [(shape, parameter)] = value.items()
        if shape == "steps" and isinstance(parameter, Mapping):
            parameter = self._steps(parameter)
        return f"{shape}:{parameter}"

    def _steps(self, keys: Mapping[str, Any]) -> str:
        if not {"every", "lose"} <= keys.keys() <= {"every", "lose", "floor"}:
            raise ValidationError({"steps": ["must have every and lose, and may have floor"]})
        return f"{keys['every']},{keys['lose']},{keys.get('floor', 0)}"


class Timezone(Worded):
    """A name of the time-zone database."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if value not in available_timezones():
            raise ValidationError(f'"{value}" is not known; write a name such as Europe/Paris')
        return str(value)


class Weight(Worded):
    """A factor from 0 to 1000, exactly."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Fraction:
        number: Decimal = finite(value)
        if not 0 <= number <= 1000 or len(number.as_tuple().digits) > 20:
            raise ValidationError("must lie between 0 and 1000")
        return Fraction(number)


class Grades(Worded):
    """Letters and the fit each needs, the best first."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, int]:
        if not isinstance(value, Mapping) or not value:
            raise ValidationError("must be a mapping of letters to points")
        points = Points()
        least = {str(letter): points.deserialize(needed) or 0 for letter, needed in value.items()}
        if list(least.values()) != sorted(set(least.values()), reverse=True):
            raise ValidationError("must go from the highest points down")
        return least


class Bounded(Strict):
    """A cap and a floor."""

    cap = Points()
    floor = Points()

    @validates_schema(skip_on_field_errors=False)
    def _floor_under_cap(self, data: Mapping[str, Any], **_: Any) -> None:
        if "cap" in data and data.get("floor", data["cap"]) > data["cap"]:
            raise ValidationError({"floor": ["must not be above the cap"]})


class ScoreSchema(Bounded):
    """The bounds of the score."""

    @post_load
    def _bounds(self, data: dict[str, Any], **_: Any) -> Bounds:
        return Bounds(**data)


class DimensionSchema(Bounded):
    """Bounds and weight of a dimension."""

    weight = Weight(load_default=Fraction(1))


class DimensionsSchema(Strict):
    """Both dimensions, each may be left out."""

    fit = Nested(DimensionSchema)
    engagement = Nested(DimensionSchema)


class RuleSchema(Strict):
    """The keys of every rule."""

    id = Identifier(required=True)
    kind = Choice(KINDS, required=True)
    label = Label(load_default=MappingProxyType({}))
    points = Points(required=True)
    on = Switch(load_default=True)
    valid_from = Day()
    valid_to = Day()
    actions = OneOrMore(ActionItem(), load_default=())
    interest = Text()
    sensitive = Switch(load_default=False)

    @validates_schema(skip_on_field_errors=False)
    def _dates_in_order(self, data: Mapping[str, Any], **_: Any) -> None:
        if "valid_from" in data and data.get("valid_to", data["valid_from"]) < data["valid_from"]:
            raise ValidationError({"valid_to": ["must not be before valid_from"]})


class EarnedRuleSchema(RuleSchema, EvidenceSchema):
    """The keys of every rule of an earned kind."""

    decay = Fading(load_default=NoDecay())


_RULES: Mapping[str, Strict] = {
    kind.name: type(
        f"{kind.schema.__name__[:-6]}RuleSchema",
        (EarnedRuleSchema if isinstance(kind, Earned) else RuleSchema, kind.schema),
        {},
    )()
    for kind in KINDS.values()
}


def rule_schemas() -> Mapping[str, Strict]:
    """The schema of a rule by its kind, for who tells an editor."""
    return _RULES


_SHARED = EarnedRuleSchema()


class AnyRule(Worded):
    """A rule, read by the schema of its kind."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValidationError("must be a rule: a mapping with id, kind and points")
        kind = value.get("kind", "")
        if kind not in KINDS:
            says = not_allowed(kind, KINDS) if kind else f"is missing; allowed: {', '.join(KINDS)}"
            shared = {key: value[key] for key in value if key in _SHARED.fields and key != "kind"}
            raise ValidationError({**_SHARED.validate(shared, partial=("kind",)), "kind": [says]})
        return _RULES[kind].load(value)


class GroupSchema(Bounded):
    """A group and its rules."""

    id = Identifier(required=True)
    dimension = Choice(DIMENSIONS, required=True)
    label = Label(load_default=MappingProxyType({}))
    rules = OneOrMore(AnyRule(), load_default=())


class Tag(Text):
    """Text that every platform can hold as one tag: some split at commas, some strip HTML."""

    def _deserialize(self, value: Any, *given: Any, **more: Any) -> str:
        tag = super()._deserialize(value, *given, **more)
        if tag.startswith("-") or set(tag) & set(",<>"):
            raise ValidationError("must not begin with - and must not contain , < or >")
        return tag


class BandSchema(Strict):
    """A band; the first has no ``enter``."""

    id = Identifier(required=True)
    label = Label(load_default=MappingProxyType({}))
    enter = Points()
    leave = Points()
    tag = Tag()
    stay = Duration(load_default=timedelta())
    rearm = Duration(load_default=timedelta())
    on_rise = OneOrMore(ActionItem(), load_default=())
    on_fall = OneOrMore(ActionItem(), load_default=())

    @validates_schema(skip_on_field_errors=False)
    def _leave_below_enter(self, data: Mapping[str, Any], **_: Any) -> None:
        if "leave" in data and data["leave"] > data.get("enter", data["leave"] - 1):
            raise ValidationError({"leave": ["must not be above enter"]})


class EvidenceSettingsSchema(Strict):
    """How machines are told from humans."""

    settle = Duration()
    traps = OneOrMore(Text())

    @post_load
    def _settings(self, data: dict[str, Any], **_: Any) -> EvidenceSettings:
        return EvidenceSettings(**data)


class CardSchema(Strict):
    """The whole text."""

    name = Label(required=True)
    timezone = Timezone(load_default="Europe/Paris")
    dimensions = Nested(DimensionsSchema, load_default=MappingProxyType({}))
    score = Nested(ScoreSchema, load_default=Bounds())
    groups = OneOrMore(Nested(GroupSchema), required=True)
    bands = OneOrMore(Nested(BandSchema), required=True)
    grades = Grades()
    tolerance = Points()
    handovers_per_week = Count()
    join_by_email = Switch(load_default=True)
    evidence = Nested(EvidenceSettingsSchema, load_default=EvidenceSettings())
    consent = Nested(ConsentSchema)
    outcomes = Nested(OutcomesSchema)
    verdicts = Nested(VerdictsSchema)
