"""How often a rule may earn: ``limit: {times: 1, per: day}``, and what one day or subject is."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, post_load

from connectors.activity import Activity, Subject

from ..durations import format_duration, parse_duration
from ..fields import Count, Strict, Worded
from ..lines import Skipped
from ..scorecard import Rule
from .selection import about

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NAMED = ("ever", "day", "subject")


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``times`` per ``ever``, ``day``, ``subject`` or any stretch of a given length.

    A ``day`` is a calendar day in the scorecard's timezone.
    """

    times: int
    per: str | timedelta

    @property
    def stretch(self) -> str:
        """What the limit is per: ``ever``, ``day``, ``subject`` or ``stretch``."""
        return self.per if isinstance(self.per, str) else "stretch"

    @property
    def length(self) -> str | None:
        """The length of the stretch as text, if it has one."""
        return None if isinstance(self.per, str) else format_duration(self.per)


class Per(Worded):
    """``ever``, ``day``, ``subject`` or a duration such as ``7d``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str | timedelta:
        if value in _NAMED:
            return str(value)
        try:
            return parse_duration(str(value))
        except ValueError as error:
            raise ValidationError("must be ever, day, subject or a duration such as 7d") from error


class LimitSchema(Strict):
    """The keys of a limit."""

    times = Count(required=True)
    per = Per(required=True)

    @post_load
    def _limit(self, data: dict[str, Any], **_: Any) -> Limit:
        return Limit(**data)


def counter(limit: Limit, zone: ZoneInfo) -> Callable[[Activity], bool]:
    """Whether the next activity is within the limit, asked in order of ``(occurred_at, id)``."""
    if isinstance(limit.per, timedelta):
        return _per_stretch(limit.times, limit.per)
    if limit.per == "day":
        return _per_day(limit.times, zone)
    return _per_key(limit.times, subject_of if limit.per == "subject" else lambda activity: None)


def _per_key(times: int, key: Callable[[Activity], Any]) -> Callable[[Activity], bool]:
    seen: Counter[Any] = Counter()

    def allows(activity: Activity) -> bool:
        seen[key(activity)] += 1
        return seen[key(activity)] <= times

    return allows


def _per_day(times: int, zone: ZoneInfo) -> Callable[[Activity], bool]:
    # A day is a stretch between two midnights: views of one day need only a comparison.
    ends, seen = _LONG_AGO, 0

    def allows(activity: Activity) -> bool:
        nonlocal ends, seen
        if activity.occurred_at >= ends:
            ends, seen = day_end(activity.occurred_at, zone), 0
        seen += 1
        return seen <= times

    return allows


def _per_stretch(times: int, length: timedelta) -> Callable[[Activity], bool]:
    earned: deque[datetime] = deque()

    def allows(activity: Activity) -> bool:
        while earned and earned[0] <= activity.occurred_at - length:
            earned.popleft()
        if len(earned) >= times:
            return False
        earned.append(activity.occurred_at)
        return True

    return allows


def beyond(limit: Limit, rule: Rule, activity: Activity) -> Skipped:
    """That an activity does not count because the limit is reached."""
    params = about(activity) | {"times": limit.times, "length": limit.length}
    return Skipped(rule.id, activity.id, activity.occurred_at, f"limit.{limit.stretch}", params)


def day_end(moment: datetime, zone: ZoneInfo) -> datetime:
    """The midnight that ends the local day of a moment: the same for all moments of one day."""
    first, second, third = _midnights(moment.date(), zone)
    return first if moment < first else second if moment < second else third


@lru_cache(maxsize=4096)
def _midnights(utc_day: date, zone: ZoneInfo) -> tuple[datetime, datetime, datetime]:
    """Where the local days that a UTC day touches end. Many contacts share the same few days."""
    first, second, third = (
        datetime.combine(utc_day + timedelta(days=days), time(), zone).astimezone(UTC)
        for days in range(3)
    )
    return first, second, third


def subject_of(activity: Activity) -> tuple[str, str | None]:
    """What an activity was about, the same for all activities about it."""
    subject: Subject = activity.subject
    return subject.type, subject.id or subject.url or subject.name
