"""Kind ``rate``: the share of e-mails opened or clicked, careful with few of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import lcm
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, validates_schema

from connectors.activity import Activity, Subject

from ..decay import parse_share
from ..fields import Choice, Count, Nested, OneOrMore, Strict, Text, Worded
from ..history import History
from ..lines import Line
from ..scorecard import Rule
from .kind import Example, Held
from .selection import EvidenceSchema, Selection, select
from .stretches import held, stretches

_HITS = {"opens": "email_opened", "clicks": "email_clicked"}
#: What is expected of anybody before they did anything: as if it were seen on so many e-mails.
_USUAL = {"opens": Fraction(1, 4), "clicks": Fraction(1, 20)}
_USUAL_SENDS = 4


@dataclass(frozen=True, slots=True)
class RateParams:
    """Thresholds on (hits + a) / (sends + a + b), all multiplied by ``unit`` to be whole.

    ``least_sends`` is the number to judge by; ``prior_sends`` is a + b.
    """

    selection: Selection
    of: str
    least_sends: int
    prior_sends: int
    unit: int
    a: int
    at_least: int
    at_most: int

    def within(self, hits: int, sends: int) -> bool:
        """Whether that rate is within the thresholds."""
        rate, whole = hits * self.unit + self.a, sends + self.prior_sends
        return self.at_least * whole <= rate <= self.at_most * whole

    def reachable(self, hits: int) -> bool:
        """Whether so many hits can be enough of any number of sends that is judged by."""
        whole = self.least_sends + self.prior_sends
        return hits * self.unit + self.a >= self.at_least * whole


class Share(Worded):
    """A percentage such as ``60%``."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Fraction:
        try:
            return parse_share(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error


class PriorSchema(Strict):
    """What is expected before anything is known, and how many e-mails that is worth."""

    rate = Share()
    sends = Count()


class RateSchema(EvidenceSchema):
    """The keys of a ``rate`` rule."""

    of = Choice(_HITS, required=True)
    sends = Count(load_default=1)
    at_least = Share()
    at_most = Share()
    prior = Nested(PriorSchema, load_default=MappingProxyType({}))
    email = OneOrMore(Text())
    category = OneOrMore(Text())

    @validates_schema
    def _some_threshold(self, data: Mapping[str, Any], **_: Any) -> None:
        if "at_least" not in data and "at_most" not in data:
            raise ValidationError({"at_least": ["is missing; write at_least: 60% or at_most: 10%"]})
        if data.get("at_least", Fraction(0)) > data.get("at_most", Fraction(1)):
            raise ValidationError({"at_most": ["must not be under at_least"]})


def _compile(keys: Mapping[str, Any]) -> RateParams:
    prior, of = keys["prior"], keys["of"]
    prior_sends = prior.get("sends", _USUAL_SENDS)
    a = prior.get("rate", _USUAL[of]) * prior_sends
    at_least, at_most = keys.get("at_least", Fraction(0)), keys.get("at_most", Fraction(1))
    unit = lcm(a.denominator, at_least.denominator, at_most.denominator)
    return RateParams(
        selection=_selection(keys),
        of=of,
        least_sends=keys["sends"],
        prior_sends=prior_sends,
        unit=unit,
        a=int(a * unit),
        at_least=int(at_least * unit),
        at_most=int(at_most * unit),
    )


def _selection(keys: Mapping[str, Any]) -> Selection:
    """Sendings of the chosen mails, and every hit: a hit belongs to its sending, not to a name."""
    chosen = {key: keys[key] for key in ("email", "category") if key in keys}
    sent = select({"activity": ("email_sent",), **chosen})

    def wanted(activity: Activity) -> bool:
        return activity.kind != "email_sent" or sent.takes(activity)

    kinds = sent.kinds | {_HITS[keys["of"]]}
    return Selection(
        sent.keys, kinds, lambda subject: True, wanted if chosen else None, sent.attributes
    )


def _hold(rule: Rule, matched: Sequence[Activity], history: History, zone: ZoneInfo) -> list[Line]:
    params: RateParams = rule.params
    told = {"times": params.least_sends}
    changes = _standings(params, matched)
    within = stretches(changes) if changes else ()
    return [held(rule, start, end, f"rate.{params.of}", told) for _, start, end in within]


def _standings(params: RateParams, matched: Sequence[Activity]) -> list[tuple[datetime, bool]]:
    """Whether the rate is within the thresholds, each time that this changes.

    A rate is told at every sending and every first hit.
    """
    sends = sum([one.kind == "email_sent" for one in matched])
    # Even if every hit had come before all sendings but the fewest that are judged by.
    if sends < params.least_sends or not params.reachable(len(matched) - sends):
        return []
    changes: list[tuple[datetime, bool]] = []
    sent: set[str | None] = set()
    hit: set[str | None] = set()
    newest: dict[str | None, datetime] = {}
    was = False
    for activity in matched:
        at, subject = activity.occurred_at, activity.subject
        # The platform's mark of one sending; without one, sendings of a mail count together.
        stat = activity.attributes.get("stat")
        sending = str(stat) if stat else subject.id or subject.name
        if activity.kind == "email_sent":
            sent.add(sending)
            # Platforms date to the second: a hit in the second of its sending comes after it.
            if newest.get(sending) == at:
                hit.add(sending)
        elif sending in sent and sending not in hit:
            hit.add(sending)
        else:
            newest[sending] = at
            continue
        if len(sent) >= params.least_sends and params.within(len(hit), len(sent)) is not was:
            was = not was
            changes.append((at, was))
    return changes


_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def _mail(kind: str, number: int) -> Activity:
    at = _NOON + timedelta(days=number, hours=kind != "email_sent")
    return Activity(f"{kind}:{number}", "7", kind, at, Subject("email", str(number)))


RATE = Held(
    name="rate",
    schema=RateSchema,
    compile=_compile,
    hold=_hold,
    selection=lambda params: params.selection,
    examples=(
        Example(
            rule={
                "id": "opens-most-mails",
                "points": 10,
                "of": "opens",
                "sends": 5,
                "at_least": "60%",
            },
            activities=(
                *(_mail("email_sent", number) for number in range(10)),
                *(_mail("email_opened", number) for number in range(8)),
            ),
            points=10,
        ),
    ),
)
