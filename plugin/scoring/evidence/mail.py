"""What a contact did through mails, in the words the signatures speak."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from connectors.activity import Activity

_MINUTE = timedelta(seconds=60)
_AT = attrgetter("occurred_at")
#: Deeds in which somebody typed.
TYPED = frozenset({"form_submitted", "survey_answered", "custom.replied"})
#: Kinds that come from a mail whatever their attributes say.
_OF_MAILS = frozenset({"email_opened", "email_clicked", "unsubscribed"})
#: Kinds that come from a mail if an attribute names it.
_MAYBE_OF_MAILS = frozenset({"page_viewed", "asset_downloaded"})


class Touch(NamedTuple):
    """An activity that a mail caused; ``mail`` and ``link`` are None where nobody said which."""

    activity: Activity
    at: datetime
    mail: str | None
    link: str | None

    @property
    def is_open(self) -> bool:
        """Whether it is an opening, which says less than a hit on a link."""
        return self.activity.kind == "email_opened"


@dataclass(frozen=True)
class Traffic:
    """All touches in order of ``(occurred_at, id)``, and the sends before them.

    ``clicks`` are those on a known link of a known mail, by mail. ``signs`` are what no mail
    causes, in order: typing, and views of who strolls around; what follows links does not.
    """

    touches: tuple[Touch, ...]
    clicks: Mapping[str, list[Touch]]
    sends: Sequence[Activity]
    signs: Sequence[Activity]

    def sent(self, touch: Touch, within: timedelta) -> datetime | None:
        """When the mail of a touch was sent: by the touch itself, else the last send before it.

        None if nobody knows, or if nothing at all was sent ``within`` the time before.
        """
        given = touch.activity.attributes.get("sent_at")
        if given is not None and (moment := _moment(given)) is not None:
            return moment
        any_before = bisect_right(self.sends, touch.at, key=_AT)
        if not any_before or touch.at - self.sends[any_before - 1].occurred_at > within:
            return None
        stat = touch.activity.attributes.get("stat")
        by_key = self._by_key
        sends = by_key.get(("stat", str(stat))) or by_key.get(("mail", touch.mail)) or []
        before = bisect_right(sends, touch.at)
        return sends[before - 1] if before else None

    @cached_property
    def hurried(self) -> bool:
        """Whether any two touches are within a minute: most contacts take their time."""
        return any(later.at - touch.at <= _MINUTE for touch, later in pairwise(self.touches))

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str | None], list[datetime]]:
        """Few contacts are asked about: this is made when it is needed."""
        found: defaultdict[tuple[str, str | None], list[datetime]] = defaultdict(list)
        for send in self.sends:
            stat, mail = send.attributes.get("stat"), send.subject.id
            if stat is not None:
                found["stat", str(stat)].append(send.occurred_at)
            if mail is not None:
                found["mail", mail].append(send.occurred_at)
        return found


def is_mail_borne(activity: Activity) -> bool:
    """Whether a mail caused the activity: an open, a click, or a view or download behind a link."""
    kind = activity.kind
    if kind in _MAYBE_OF_MAILS:
        return activity.attributes.get("email_id") is not None
    return kind in _OF_MAILS


def is_sign(activity: Activity) -> bool:
    """Whether no mail caused it, and a hand did: typing, and views of who strolls around."""
    if activity.kind == "page_viewed":
        return activity.attributes.get("email_id") is None
    return activity.kind in TYPED


def traffic(activities: Iterable[Activity]) -> Traffic:
    """The touches among activities sorted by ``(occurred_at, id)``."""
    touches: list[Touch] = []
    clicks: dict[str, list[Touch]] = {}
    sends: list[Activity] = []
    signs: list[Activity] = []
    for activity in activities:
        kind = activity.kind
        if kind == "page_viewed" and activity.attributes.get("email_id") is None:
            signs.append(activity)  # as is_sign says; most of all are these
        elif kind == "email_sent":
            sends.append(activity)
        elif kind in TYPED:
            signs.append(activity)
        elif is_mail_borne(activity):
            touch = Touch(activity, activity.occurred_at, _mail(activity), _link(activity))
            touches.append(touch)
            if kind == "email_clicked" and touch.mail and touch.link:
                clicks.setdefault(touch.mail, []).append(touch)
    return Traffic(tuple(touches), clicks, sends, signs)


def told(activity: Activity, name: str) -> str | None:
    """What an attribute says, as text; None if nothing."""
    value = activity.attributes.get(name)
    return None if value is None or value == "" else str(value)


def near(moments: Sequence[datetime], at: datetime, reach: timedelta) -> bool:
    """Whether one of the sorted moments lies within ``reach`` of ``at``."""
    first = bisect_left(moments, at - reach)
    return first < len(moments) and moments[first] <= at + reach


def _moment(text: object) -> datetime | None:
    """An aware moment; other connectors may write anything."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment


def _mail(activity: Activity) -> str | None:
    named = activity.attributes.get("email_id")
    if named is None and activity.subject.type == "email":
        named = activity.subject.id
    return None if named is None else str(named)


def _link(activity: Activity) -> str | None:
    if activity.kind == "email_opened":
        return None
    link = activity.attributes.get("url") or activity.subject.url
    return None if link is None else str(link)
