"""What a rule says, in sentences: for who writes it and sees at once what it will do.

Told of the data as it stands in the text, which need not be right yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.lists import format_list
from marshmallow import ValidationError

from .catalogue import catalogue
from .decay import Decay, HalfLife, Linear, NoDecay, Steps
from .durations import parse_duration
from .fields import Day
from .formats import Formats
from .schema import Fading
from .scorecard import MICRO

_SELECTED = ("url", "form", "email", "asset", "category", "campaign")


def sentences(rule: Mapping[str, Any], lang: str, zone: str = "Europe/Paris") -> tuple[str, ...]:
    """What the rule gives and when, how often, how it fades, and what else it asks for."""
    return tuple(_Teller(rule, lang, zone).all())


def action_text(action: Mapping[str, Any], lang: str) -> str:
    """One action as it stands in the text, such as ``{"send_email": 5}``."""
    strings = catalogue(lang)
    for name, given in action.items():
        object = given.get("within", "") if isinstance(given, Mapping) else given
        return strings.get(f"action.{name}", "{object}").format(object=object)
    return ""


def condition_text(condition: Mapping[str, Any], lang: str) -> str:
    """A condition as it stands in the text, such as ``{"field": "city", "equals": "Lyon"}``."""
    return _Teller({}, lang, "UTC").condition(condition)


def fading(decay: Decay, strings: Mapping[str, str], formats: Formats) -> str | None:
    """How points fade; ``None`` where they do not."""
    span = formats.span
    match decay:
        case NoDecay():
            return None
        case HalfLife(half):
            return strings["decay.half_life"].format(span=span(half))
        case Linear(whole):
            return strings["decay.linear"].format(span=span(whole))
        case Steps(every, lose):
            share = formats.percent(lose)
            return strings["decay.steps"].format(lose=share, span=span(every))
        case _:
            return strings["decay.expires"].format(span=span(decay.after))


class _Teller:
    def __init__(self, rule: Mapping[str, Any], lang: str, zone: str) -> None:
        self.rule = rule
        self.strings = catalogue(lang)
        self.formats = Formats(Locale(lang), ZoneInfo(zone))

    def all(self) -> Iterator[str]:
        rule = self.rule
        if rule.get("on", True) is False:
            yield self.say("off")
        yield self.gives()
        yield from self.selected()
        if isinstance(rule.get("within"), str):
            yield self.say("within", length=self.span(rule["within"]))
        if "cap" in rule:
            yield self.say("completeness.cap", bound=self.points(rule["cap"]).lstrip("+"))
        yield from self.limited()
        if (cut := self.fades()) is not None:
            yield cut
        yield from self.evidence()
        for key in ("valid_from", "valid_to"):
            if key in rule:
                yield self.say(key, day=self.day(rule[key]))
        if "interest" in rule:
            yield self.say("interest", name=rule["interest"])
        if actions := [one for one in _many(rule.get("actions")) if isinstance(one, Mapping)]:
            lang = self.formats.locale.language
            told = [action_text(one, lang) for one in actions]
            yield self.say("actions", actions=self.list(told))
        if rule.get("sensitive") is True:
            yield self.say("sensitive")

    def gives(self) -> str:
        rule, kind = self.rule, str(self.rule.get("kind"))
        points = self.points(rule.get("points"))
        match kind:
            case "activity":
                return self.say("activity", points=points, activities=self.kinds("activity"))
            case "repeat":
                often = "every" if "every" in rule else "nth"
                key = f"repeat.{often}.{rule.get('by', 'activity')}"
                told = {"times": rule.get(often, "…"), "activities": self.kinds("activity")}
                return self.say(key, points=points, **told)
            case "series":
                members = self.list(_many(rule.get("all_of")))
                told = {"members": members, "activities": self.kinds("activity")}
                return self.say("series", points=points, **told)
            case "duration":
                key = f"duration.{rule.get('per', 'page')}"
                return self.say(key, points=points, seconds=rule.get("seconds", "…"))
            case "rate":
                low, high = rule.get("at_least", "0%"), rule.get("at_most", "100%")
                told = {"low": low, "high": high, "times": rule.get("sends", 1)}
                return self.say(f"rate.{rule.get('of', 'opens')}", points=points, **told)
            case "field":
                return self.say("field", points=points, condition=self.condition(rule.get("if")))
            case "completeness":
                key = "fields" if "fields" in rule else "form"
                fields = self.list(_many(rule.get(key)))
                return self.say(f"completeness.{key}", points=points, fields=fields)
            case "absence" if "no" in rule:
                told = {"length": self.span(rule.get("for")), "activities": self.absent()}
                return self.say("absence.no", points=points, **told)
            case "absence":
                return self.say(
                    "absence.only", points=points, fields=self.list(_many(rule.get("only")))
                )
            case _:
                return self.say("unknown", points=points, kind=kind)

    def selected(self) -> Iterator[str]:
        for key in _SELECTED:
            if key in self.rule and self.rule.get("kind") != "completeness":
                yield self.say(key, texts=self.list(_many(self.rule[key]), "or"))
        attributes = self.rule.get("attributes")
        for name, texts in (attributes if isinstance(attributes, Mapping) else {}).items():
            key = "attribute.any" if texts == "*" else "attribute"
            yield self.say(key, name=name, texts=self.list(_many(texts), "or"))

    def limited(self) -> Iterator[str]:
        limit = self.rule.get("limit")
        if isinstance(limit, Mapping) and {"times", "per"} <= limit.keys():
            per = str(limit["per"])
            stretch = per if per in ("ever", "day", "subject") else "stretch"
            stretch = f"once.{stretch}" if limit["times"] == 1 else stretch
            yield self.say(f"limit.{stretch}", times=limit["times"], length=self.span(per))

    def fades(self) -> str | None:
        try:
            decay = Fading().deserialize(self.rule.get("decay", "none"))
        except ValidationError:
            return None
        return fading(decay, self.strings, self.formats)

    def evidence(self) -> Iterator[str]:
        asked = _many(self.rule.get("evidence"))
        if asked == ["human"]:
            yield self.say("human")
        if "machine" in asked:
            yield self.say("machine")

    def condition(self, tree: Any) -> str:
        if not isinstance(tree, Mapping):
            return "…"
        for key in ("all", "any"):
            if key in tree:
                told = self.strings["rule.condition.between_several"].join(
                    map(self.condition, _many(tree[key]))
                )
                return self.say(f"condition.{key}", conditions=told)
        if "not" in tree:
            return self.say("condition.not", conditions=self.condition(tree["not"]))
        name = str(tree.get("field") or "…")
        return self.list([self.test(name, key, tree[key]) for key in tree if key != "field"])

    def test(self, field: str, operator: str, value: Any) -> str:
        if isinstance(value, bool):
            key = f"condition.{operator}.{str(value).lower()}"
            if f"rule.{key}" in self.strings:
                return self.say(key, field=field)
        key = f"condition.{operator}"
        key = key if f"rule.{key}" in self.strings else "condition.other"
        shown = self.list(_many(value), "or" if operator in ("in", "level") else "standard")
        return self.say(key, field=field, operator=operator, value=shown)

    def kinds(self, key: str) -> str:
        return self.list(
            [self.strings.get(f"kind.{one}", one) for one in _many(self.rule.get(key))]
        )

    def absent(self) -> str:
        given = self.rule.get("no")
        told = _many(given.get("activity")) if isinstance(given, Mapping) else _many(given)
        return self.named(told)

    def named(self, kinds: list[Any]) -> str:
        return self.list([self.strings.get(f"kind.{one}", one) for one in kinds], "or")

    def points(self, value: Any) -> str:
        try:
            return self.formats.points(int(Decimal(str(value)) * MICRO))
        except (InvalidOperation, ValueError, OverflowError):
            return "…"

    def span(self, text: Any) -> str:
        try:
            return self.formats.span(parse_duration(str(text)))
        except ValueError:
            return "…"

    def day(self, value: Any) -> str:
        try:
            day = Day().deserialize(value)
        except ValidationError:
            return "…"
        return self.formats.day(datetime.combine(day, time(12), UTC))

    def list(self, texts: list[Any], style: Literal["standard", "or"] = "standard") -> str:
        told = [str(one) for one in texts if str(one).strip()]
        return format_list(told, style, self.formats.locale) if told else "…"

    def say(self, key: str, **told: Any) -> str:
        sentence = self.strings.get(f"rule.{key}") or self.strings["rule.unknown"]
        return sentence.format(**({"points": "", "kind": key} | told))


def _many(value: Any) -> list[Any]:
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value is None else [value]
