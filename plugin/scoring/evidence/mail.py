"""What a contact did through mails, in the words the signatures speak."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from operator import attrgetter

from connectors.activity import Activity

_MINUTE = timedelta(seconds=60)
_AT = attrgetter("occurred_at")
#: Deeds in which somebody typed.
TYPED = frozenset({"form_submitted", "survey_answered", "custom.replied"})
#: Kinds that come from a mail whatever their attributes say.
_OF_MAILS = frozenset({"email_opened", "email_clicked", "unsubscribed"})
#: Kinds that come from a mail if an attribute names it.
_MAYBE_OF_MAILS = frozenset({"page_viewed", "asset_downloaded"})


@dataclass(frozen=True)
class Traffic:
    """What a contact did, and the touches among it, in order of ``(occurred_at, id)``.

    A touch is an activity that a mail caused.
    """

    activities: Sequence[Activity]
    touches: Sequence[Activity]

    @cached_property
    def clicks(self) -> Mapping[str, list[Activity]]:
        """The clicks on a known link of a known mail, by mail."""
        found: dict[str, list[Activity]] = {}
        for touch in self.touches:
            if touch.kind == "email_clicked" and (mail := mail_of(touch)) and link_of(touch):
                found.setdefault(mail, []).append(touch)
        return found

    @cached_property
    def sends(self) -> Sequence[Activity]:
        """What the platform sent, in order."""
        return [one for one in self.activities if one.kind == "email_sent"]

    @cached_property
    def signs(self) -> Sequence[Activity]:
        """What no mail causes, in order: typing, and views of who strolls around.

        What follows links does not stroll.
        """
        return [one for one in self.activities if is_sign(one)]

    def sent(self, touch: Activity, within: timedelta) -> datetime | None:
        """When the mail of a touch was sent: by the touch itself, else the last send before it.

        None if nobody knows, or if nothing at all was sent ``within`` the time before.
        """
        given, at = touch.attributes.get("sent_at"), touch.occurred_at
        if given is not None and (moment := _moment(given)) is not None:
            return moment
        any_before = bisect_right(self.sends, at, key=_AT)
        if not any_before or at - self.sends[any_before - 1].occurred_at > within:
            return None
        stat, by_key = touch.attributes.get("stat"), self._by_key
        sends = by_key.get(("stat", str(stat))) or by_key.get(("mail", mail_of(touch))) or []
        before = bisect_right(sends, at)
        return sends[before - 1] if before else None

    @cached_property
    def hurried(self) -> bool:
        """Whether any two touches are within a minute: most contacts take their time."""
        moments = [touch.occurred_at for touch in self.touches]
        return any([later - one <= _MINUTE for one, later in pairwise(moments)])

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


def traffic(activities: Sequence[Activity]) -> Traffic:
    """The touches among activities sorted by ``(occurred_at, id)``."""
    # As is_mail_borne says, in line: this is asked of every activity there is.
    touches = [
        one
        for one in activities
        if (kind := one.kind) in _OF_MAILS
        or (kind in _MAYBE_OF_MAILS and one.attributes.get("email_id") is not None)
    ]
    return Traffic(activities, touches)


def mail_of(activity: Activity) -> str | None:
    """The id of the mail that caused an activity; None if nobody said which."""
    named = activity.attributes.get("email_id")
    if named is None and activity.subject.type == "email":
        named = activity.subject.id
    return None if named is None else str(named)


def link_of(activity: Activity) -> str | None:
    """The link of a mail that was followed; None if none was, or nobody said which."""
    if activity.kind == "email_opened":
        return None
    link = activity.attributes.get("url") or activity.subject.url
    return None if link is None else str(link)


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
