"""Which activities a rule looks at: the keys every earned kind shares, and their test."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from marshmallow import ValidationError, validates_schema

from connectors.activity import KINDS, Activity, Evidence, Subject

from ..fields import Choice, OneOrMore, Strict, Text, Worded
from ..text import glob, plain
from ..wording import not_allowed

_OBJECTS = ("form", "email", "asset")


class ActivityKind(Worded):
    """A kind of activity that connectors tell; those of one's own begin with ``custom.``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        if value not in KINDS and not str(value).startswith("custom."):
            raise ValidationError(not_allowed(value, [*sorted(KINDS), "custom.…"]))
        return str(value)


class AttributeTests(Worded):
    """A mapping of attributes to what they must be, one or several texts each."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, tuple[str, ...]]:
        if not isinstance(value, Mapping) or not value:
            raise ValidationError("must be a mapping of attributes to values")
        texts = OneOrMore(Text())
        tests: dict[str, tuple[str, ...]] = {}
        problems: dict[str, Any] = {}
        for key, wanted in value.items():
            try:
                tests[str(key)] = texts.deserialize(wanted) or ()
            except ValidationError as error:
                problems[str(key)] = error.messages
        if problems:
            raise ValidationError(problems)
        return tests


class EvidenceSchema(Strict):
    """Which evidence a rule asks for; a human's always counts."""

    evidence = OneOrMore(Choice([*Evidence]), load_default=(Evidence.HUMAN, Evidence.UNKNOWN))

    @validates_schema(skip_on_field_errors=False)
    def _human_counts(self, data: Mapping[str, Any], **_: Any) -> None:
        if Evidence.HUMAN not in data.get("evidence", [Evidence.HUMAN]):
            raise ValidationError({"evidence": ["must contain human"]})


class SelectionSchema(Strict):
    """Different keys must all fit, of several values one. ``*`` stands for any text."""

    activity = OneOrMore(ActivityKind(), required=True)
    url = OneOrMore(Text())
    form = OneOrMore(Text())
    email = OneOrMore(Text())
    asset = OneOrMore(Text())
    category = OneOrMore(Text())
    campaign = OneOrMore(Text())
    attributes = AttributeTests()


@dataclass(frozen=True, slots=True)
class Selection:
    """An activity is looked at if its kind, its subject and, where asked, the whole of it fit.

    ``subject`` depends on nothing but the subject, ``activity`` on the subject and on these
    ``attributes``: so both answers can be remembered.
    """

    keys: Mapping[str, Any]
    kinds: frozenset[str]
    subject: Callable[[Subject], bool] = field(repr=False, compare=False)
    activity: Callable[[Activity], bool] | None = field(repr=False, compare=False)
    attributes: frozenset[str] = frozenset()

    def takes(self, activity: Activity) -> bool:
        """Whether this activity is looked at."""
        return (
            activity.kind in self.kinds
            and self.subject(activity.subject)
            and (self.activity is None or self.activity(activity))
        )


#: Looks at no activity at all.
NOTHING = Selection({}, frozenset(), lambda subject: False, None)


def select(keys: Mapping[str, Any]) -> Selection:
    """The selection that loaded keys of ``SelectionSchema`` describe."""
    subject_tests = [_object_type(key) for key in _OBJECTS if key in keys]
    subject_tests += [_subject_test(key, keys[key]) for key in ("url", "category") if key in keys]
    named = [key for key in _OBJECTS if key in keys]
    activity_tests = [_object_name(keys[key]) for key in named]
    wanted = dict(keys.get("attributes", {}))
    if "campaign" in keys:
        wanted["utm_campaign"] = keys["campaign"]
    activity_tests += [_attribute(key, texts) for key, texts in wanted.items()]
    return Selection(
        keys={key: keys[key] for key in SelectionSchema._declared_fields if key in keys},
        kinds=frozenset(keys["activity"]),
        subject=lambda subject: all(test(subject) for test in subject_tests),
        activity=_together(activity_tests),
        attributes=frozenset([*wanted, *(["alias"] if named else [])]),
    )


def narrowed(selection: Selection, members: Callable[[Activity], Collection[int]]) -> Selection:
    """Of a selection what is about one of the ``numbered`` members."""
    tests = [selection.activity] if selection.activity else []
    return replace(
        selection,
        activity=_together([*tests, lambda activity: bool(members(activity))]),
        attributes=selection.attributes | {"alias"},
    )


def about(activity: Activity) -> dict[str, Any]:
    """What an explanation tells of an activity: its kind and the name of its subject."""
    subject = activity.subject
    return {"activity": activity.kind, "subject": subject.name or subject.url or subject.id}


def numbered(members: tuple[str, ...]) -> Callable[[Activity], set[int]]:
    """Which of these texts are the id, name, alias or address of what an activity is about."""
    exact = {plain(text): number for number, text in enumerate(members) if "*" not in text}
    globs = [(glob(text), number) for number, text in enumerate(members) if "*" in text]

    def fitting(activity: Activity) -> set[int]:
        subject, alias = activity.subject, activity.attributes.get("alias")
        texts = {plain(text) for text in (subject.id, subject.name, subject.url, alias) if text}
        found = {exact[text] for text in texts if text in exact}
        found.update(number for matches, number in globs if any(map(matches, texts)))
        return found

    return fitting


def _together(tests: list[Callable[[Activity], bool]]) -> Callable[[Activity], bool] | None:
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda activity: all(test(activity) for test in tests)


def _object_type(type: str) -> Callable[[Subject], bool]:
    return lambda subject: subject.type == type


def _object_name(wanted: tuple[str, ...]) -> Callable[[Activity], bool]:
    """By id, name or alias, which is an attribute because not every platform has one."""
    fits = _any_text(wanted)

    def named(activity: Activity) -> bool:
        subject = activity.subject
        return fits(subject.id) or fits(subject.name) or fits(activity.attributes.get("alias"))

    return named


def _subject_test(name: str, wanted: tuple[str, ...]) -> Callable[[Subject], bool]:
    fits = _any_text(wanted)
    return lambda subject: fits(getattr(subject, name))


def _attribute(key: str, wanted: tuple[str, ...]) -> Callable[[Activity], bool]:
    fits = _any_text(wanted)

    def has(activity: Activity) -> bool:
        value = activity.attributes.get(key)
        return any(map(fits, value)) if isinstance(value, list | tuple) else fits(value)

    return has


def _any_text(wanted: tuple[str, ...]) -> Callable[[Any], bool]:
    """Unknown values, empty text too, fit nothing: ``*`` asks that there be one."""
    exact = {plain(text) for text in wanted if "*" not in text}
    globs = [glob(text) for text in wanted if "*" in text]

    def fits(value: Any) -> bool:
        text = "" if value is None else plain(value)
        return bool(text) and (text in exact or any(matches(text) for matches in globs))

    return fits
