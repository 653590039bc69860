"""Which activities count for which rule, and which are refused and why.

Contacts share pages and mails: what a subject has to do with each rule is worked out once, for
each value of the attributes that rules ask about, and remembered.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from connectors.activity import Activity, Evidence

from .evidence import Judged
from .history import MOMENT
from .kinds import KINDS, Earned, Kind
from .kinds.selection import Selection
from .scorecard import Rule

#: Why an activity does not count for a rule that wants a human, unless it is proven after all.
UNPROVEN = "unproven"
_MACHINE, _UNKNOWN = Evidence.MACHINE, Evidence.UNKNOWN
#: How many different subjects of a kind are remembered before starting anew, some 20 MB.
_REMEMBERED = 50_000


@dataclass(frozen=True, slots=True)
class Watch:
    """A rule and what it looks at; ``position`` is its place among those that are matched."""

    position: int
    rule: Rule
    kind: Kind
    selection: Selection

    def may_earn(self, activities: Sequence[Activity]) -> bool:
        """Whether it is worth while to ask who did these; held points may hang on any of them."""
        kind = self.kind
        return not isinstance(kind, Earned) or kind.enough(self.rule.params, activities)

    @property
    def dated(self) -> bool:
        """Whether it depends on the moment of an activity if it counts.

        Held points begin and end with the dates; what happened before them still counts.
        """
        rule = self.rule
        dates = rule.valid_from is not None or rule.valid_to is not None
        return dates and isinstance(self.kind, Earned)

    def refusal(self, activity: Activity, evidence: Evidence) -> str | None:
        """The reason key why an activity that fits does not count; None if it does."""
        if not self.rule.on:
            return "off"
        if self.dated and not _in_dates(self.rule, activity.occurred_at):
            return "dates"
        if evidence in self.rule.evidence:
            return None
        return "machine" if evidence is Evidence.MACHINE else UNPROVEN


#: The position of a watch, and the reason key why what fits it does not count.
Refusal: TypeAlias = tuple[int, str]


class Matched(NamedTuple):
    """What counts for each watch, in order, and what fits it and does not count.

    Nobody asks for proofs of a human if even then it would be too few to earn anything, so what
    is refused as ``UNPROVEN`` may be proven all the same.
    """

    counting: list[list[Activity]]
    refused: Mapping[Refusal, list[Activity]]


class _Wanting(NamedTuple):
    """Positions of the watches that take an activity as it is, and what is not that simple:
    watches that refuse it, and watches to be asked each time."""

    taking: tuple[int, ...]
    rest: tuple[tuple[Refusal, ...], tuple[Watch, ...]] | None


@dataclass(frozen=True, slots=True)
class _OfKind:
    """The watches of one kind of activity, the attributes they ask about, and what is known."""

    watches: tuple[Watch, ...]
    attributes: tuple[str, ...]
    known: dict[Any, _Wanting] = field(default_factory=dict)

    def learn(self, key: Any, activity: Activity, evidence: Evidence) -> _Wanting:
        """Which watches want an activity of that key, remembered if it can be a key."""
        found = self._found(activity, evidence)
        if len(self.known) >= _REMEMBERED:
            self.known.clear()
        with suppress(TypeError):  # an attribute of several values is no key
            self.known[key] = found
        return found

    def _found(self, activity: Activity, evidence: Evidence) -> _Wanting:
        fitting = [one for one in self.watches if one.selection.takes(activity)]
        sure = [(one, one.refusal(activity, evidence)) for one in fitting if not one.dated]
        taking = tuple(one.position for one, why in sure if why is None)
        refusing = tuple((one.position, why) for one, why in sure if why is not None)
        asked = tuple(one for one in fitting if one.dated)
        return _Wanting(taking, (refusing, asked) if refusing or asked else None)


def watch(rules: Iterable[Rule]) -> tuple[Watch, ...]:
    """What these rules look at, in their order."""
    return tuple(
        Watch(position, rule, KINDS[rule.kind], KINDS[rule.kind].selection(rule.params))
        for position, rule in enumerate(rules)
    )


#: Finds what counts for each watch among activities in order.
Match: TypeAlias = Callable[[Judged], Matched]


def matcher(watches: Sequence[Watch]) -> Match:
    """A function that finds what counts for these watches."""
    kinds = {kind for one in watches for kind in one.selection.kinds}
    found = {kind: _of_kind(watches, kind) for kind in kinds}
    by_kind = {kind: (one.attributes, one.known, one.learn) for kind, one in found.items()}
    strict = [one.position for one in watches if _UNKNOWN not in one.rule.evidence]
    count = len(watches)

    def match(judged: Judged) -> Matched:
        matched: list[list[Activity]] = [[] for _ in range(count)]
        refused: defaultdict[Refusal, list[Activity]] = defaultdict(list)
        machines = judged.machines
        for activity in judged.told:
            if (of_kind := by_kind.get(activity.kind)) is None:
                continue
            attributes, known, learn = of_kind
            # In line, because this is done millions of times.
            key: Any = activity.subject
            for name in attributes:
                if (value := activity.attributes.get(name)) is not None:
                    # With the type: 1 and True are equal, and a rule may want only one of them.
                    key = (key, name, value, type(value))
            evidence = _MACHINE if machines and activity.id in machines else activity.evidence
            if evidence is not _UNKNOWN:
                key = (key, evidence)
            try:
                taking, rest = known[key]
            except (KeyError, TypeError):
                taking, rest = learn(key, activity, evidence)
            for position in taking:
                matched[position].append(activity)
            if rest is None:
                continue
            refusing, asked = rest
            for refusal in refusing:
                refused[refusal].append(activity)
            for one in asked:
                if why := one.refusal(activity, evidence):
                    refused[one.position, why].append(activity)
                else:
                    matched[one.position].append(activity)
        for position in strict if refused else ():
            waiting, told = refused.get((position, UNPROVEN)), matched[position]
            if waiting and watches[position].may_earn([*told, *waiting]):
                proven = [one for one in waiting if one.id in judged.humans]
                matched[position] = sorted([*told, *proven], key=MOMENT)
        return Matched(matched, refused)

    return match


def _of_kind(watches: Iterable[Watch], kind: str) -> _OfKind:
    wanting = tuple(one for one in watches if kind in one.selection.kinds)
    asked_about = {name for one in wanting for name in one.selection.attributes}
    return _OfKind(wanting, tuple(sorted(asked_about)))


def _in_dates(rule: Rule, moment: datetime) -> bool:
    after_start = rule.valid_from is None or rule.valid_from <= moment
    return after_start and (rule.valid_to is None or moment < rule.valid_to)
