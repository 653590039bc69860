"""From a history to lines: each activity is matched once, against the rules that may want it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from connectors.activity import Activity, Evidence, Subject

from .consent import by_consent
from .evidence import Judged, Verdict, catching, judge
from .history import History
from .kinds import KINDS, Earned, Held, Kind
from .kinds.selection import Selection, about
from .lines import Folding, Line, Skipped
from .scorecard import Rule, Scorecard

#: How many different subjects are remembered before starting anew, some 20 MB.
_REMEMBERED = 50_000


_Verdicts: TypeAlias = Mapping[str, Verdict]
_Matcher: TypeAlias = Callable[[Iterable[Activity], list[Skipped], _Verdicts], list[list[Activity]]]


@dataclass(frozen=True, slots=True)
class _Watch:
    """``evidence`` is empty if every activity has to be asked about: rule off, or with dates."""

    position: int
    rule: Rule
    kind: Kind
    selection: Selection
    evidence: frozenset[str]


def fold(card: Scorecard, history: History) -> Folding:
    """Everything ``card`` says of one history. For many histories make one ``folder``."""
    return folder(card)(history)


def folder(card: Scorecard) -> Callable[[History], Folding]:
    """A function that folds histories by ``card``, compiled once. Threads may share it.

    Lines do not depend on the present moment. Those of earned rules come before those of held
    rules, both in the order of the scorecard, and each rule's by time; a change of consent starts
    the order anew.
    """
    zone = ZoneInfo(card.timezone)
    watches = tuple(_watches(card))
    match = _matcher(watches)
    judged = _judge(card)

    def fold_history(history: History) -> Folding:
        lines: list[Line] = []
        skipped: list[Skipped] = []
        found = judged(history.activities)
        history = History(found.activities, history.profile)
        matched = match(history.activities, skipped, found.verdicts)
        for watch, activities in zip(watches, matched, strict=True):
            rule, kind = watch.rule, watch.kind
            if isinstance(kind, Held):
                lines += _within_dates(rule, kind.hold(rule, activities, history, zone))
            elif activities:
                for result in kind.earn(rule, activities, history, zone):
                    if isinstance(result, Line):
                        lines.append(result)
                    else:
                        skipped.append(result)
        return Folding(tuple(lines), tuple(skipped))

    def refuse(activities: Iterable[Activity]) -> Iterator[Skipped]:
        for watch, wanted in zip(watches, match(activities, [], {}), strict=True):
            yield from (_skipped(watch.rule, activity, "consent", {}) for activity in wanted)

    return by_consent(card.consent, fold_history, refuse) if card.consent else fold_history


def _judge(card: Scorecard) -> Callable[[tuple[Activity, ...]], Judged]:
    """Most scorecards never ask who is proven to be human: to leave that out is half the cost."""
    traps = card.evidence.traps
    if any(rule.evidence and Evidence.UNKNOWN not in rule.evidence for rule in card.rules):
        return lambda activities: judge(activities, traps)
    return catching(traps)


def _watches(card: Scorecard) -> Iterable[_Watch]:
    earned = [rule for rule in card.rules if isinstance(KINDS[rule.kind], Earned)]
    held = [rule for rule in card.rules if rule.on and isinstance(KINDS[rule.kind], Held)]
    for position, rule in enumerate(earned + held):
        kind = KINDS[rule.kind]
        dated = rule.valid_from is not None or rule.valid_to is not None
        # Held points begin and end with the dates; what happened before them still counts.
        always = isinstance(kind, Held) or (rule.on and not dated)
        evidence = rule.evidence if always else frozenset()
        yield _Watch(position, rule, kind, kind.selection(rule.params), evidence)


def _matcher(watches: tuple[_Watch, ...]) -> _Matcher:
    """The activities that count for each watch; those that do not count go to ``skipped``.

    Contacts share pages and mails, so what a subject has to do with each rule is worked out once.
    """
    remembered: dict[tuple[str | None, ...], list[_Watch]] = {}

    def match(
        activities: Iterable[Activity], skipped: list[Skipped], verdicts: _Verdicts
    ) -> list[list[Activity]]:
        matched: list[list[Activity]] = [[] for _ in watches]
        for activity in activities:
            kind, subject = activity.kind, activity.subject
            key = (kind, subject.type, subject.id, subject.name, subject.category, subject.url)
            wanting = remembered.get(key)
            if wanting is None:
                if len(remembered) >= _REMEMBERED:
                    remembered.clear()
                wanting = remembered[key] = _wanting(watches, kind, subject)
            for watch in wanting:
                fits = watch.selection.activity
                if fits is not None and not fits(activity):
                    continue
                if activity.evidence in watch.evidence:
                    matched[watch.position].append(activity)
                elif why := _refusal(watch.rule, activity):
                    skipped.append(_skipped(watch.rule, activity, why, verdicts))
                else:
                    matched[watch.position].append(activity)
        return matched

    return match


def _wanting(watches: tuple[_Watch, ...], kind: str, subject: Subject) -> list[_Watch]:
    return [
        watch
        for watch in watches
        if kind in watch.selection.kinds and watch.selection.subject(subject)
    ]


def _skipped(rule: Rule, activity: Activity, why: str, verdicts: _Verdicts) -> Skipped:
    params = about(activity)
    if why == "machine" and (verdict := verdicts.get(activity.id)) is not None:
        why, params = f"machine.{verdict.proof}", {**params, **verdict.params}
    return Skipped(rule.id, activity.id, activity.occurred_at, why, params)


def _refusal(rule: Rule, activity: Activity) -> str | None:
    if not rule.on:
        return "off"
    if not _in_dates(rule, activity.occurred_at):
        return "dates"
    if activity.evidence in rule.evidence:
        return None
    return "machine" if activity.evidence is Evidence.MACHINE else "unproven"


def _in_dates(rule: Rule, moment: datetime) -> bool:
    after_start = rule.valid_from is None or rule.valid_from <= moment
    return after_start and (rule.valid_to is None or moment < rule.valid_to)


def _within_dates(rule: Rule, lines: Iterable[Line]) -> Iterable[Line]:
    """Held points start and end with the rule, if the rule has dates."""
    if rule.valid_from is None and rule.valid_to is None:
        yield from lines
        return
    for line in lines:
        start = max(line.valid_from, rule.valid_from or line.valid_from)
        ends = [moment for moment in (line.valid_to, rule.valid_to) if moment is not None]
        end = min(ends, default=None)
        if end is None or start < end:
            yield line._replace(valid_from=start, valid_to=end)
