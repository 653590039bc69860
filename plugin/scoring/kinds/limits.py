"""How often a rule may earn: ``limit: {times: 1, per: day}``, and what one day or subject is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
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


def limited(
    limit: Limit, matched: Sequence[Activity], zone: ZoneInfo
) -> tuple[Sequence[Activity], Sequence[Activity]]:
    """The activities within the limit and those beyond, both in order of ``(occurred_at, id)``."""
    times, per = limit.times, limit.per
    if len(matched) <= times:
        return matched, ()
    if isinstance(per, timedelta):
        return _per_stretch(times, per, matched)
    if per == "ever":
        return matched[:times], matched[times:]
    if per == "day":
        return _per_day(times, matched, zone)
    return _per_subject(times, matched)


def _per_day(
    times: int, matched: Sequence[Activity], zone: ZoneInfo
) -> tuple[list[Activity], list[Activity]]:
    counted: list[Activity] = []
    over: list[Activity] = []
    ends, left = _LONG_AGO, 0
    for activity in matched:
        if (moment := activity.occurred_at) >= ends:
            ends, left = day_end(moment, zone), times
        (counted if left > 0 else over).append(activity)
        left -= 1
    return counted, over


def _per_subject(times: int, matched: Sequence[Activity]) -> tuple[list[Activity], list[Activity]]:
    counted: list[Activity] = []
    over: list[Activity] = []
    seen: dict[Any, int] = {}
    for activity in matched:
        key = subject_of(activity)
        seen[key] = number = seen.get(key, 0) + 1
        (counted if number <= times else over).append(activity)
    return counted, over


def _per_stretch(
    times: int, length: timedelta, matched: Sequence[Activity]
) -> tuple[list[Activity], list[Activity]]:
    counted: list[Activity] = []
    over: list[Activity] = []
    for activity in matched:
        # Within the limit unless the last so many that counted are all of the same stretch.
        if len(counted) < times or activity.occurred_at - counted[-times].occurred_at >= length:
            counted.append(activity)
        else:
            over.append(activity)
    return counted, over


def beyond(limit: Limit, rule: Rule, over: Iterable[Activity]) -> Iterator[Skipped]:
    """That these activities do not count because the limit is reached."""
    reason = f"limit.{limit.stretch}"
    reached = {"times": limit.times, "length": limit.length}
    for activity in over:
        told = about(activity) | reached
        yield Skipped(rule.id, activity.id, activity.occurred_at, reason, told)


def days(activities: Iterable[Activity], zone: ZoneInfo) -> Iterator[datetime]:
    """The local day of each activity, told by the midnight that ends it; they are in order."""
    ends = _LONG_AGO
    for activity in activities:
        # Most are of the day of the one before: that needs only a comparison.
        if activity.occurred_at >= ends:
            ends = day_end(activity.occurred_at, zone)
        yield ends


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
