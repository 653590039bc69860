"""From a history to what a scorecard says of it: who did it, what counts, what is earned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from connectors.activity import Activity

from .consent import by_consent
from .evidence import Judged, Verdict, judging
from .history import History
from .kinds import KINDS, Earned, Held
from .kinds.selection import about
from .lines import Earnings, Folding, Line, Skipped
from .matching import UNPROVEN, Matched, Watch, matcher, watch
from .scorecard import Rule, Scorecard

_Family = TypeVar("_Family", Earned, Held)


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
    watches = watch(_ordered(card.rules))
    match, judge = matcher(watches), judging(card.evidence.traps)
    earning = [(one.position, one.rule, kind.earn) for one, kind in _of(Earned, watches)]
    holding = [(one.position, one.rule, kind.hold) for one, kind in _of(Held, watches)]

    def fold_history(past: History) -> Folding:
        judged = judge(past.activities)
        if judged.machines:
            past = History(past.activities, past.profile, judged.machines)
        matched = match(judged)
        counting = matched.counting
        earned = [
            earn(rule, counting[position], past, zone)
            for position, rule, earn in earning
            if counting[position]
        ]
        held: list[Line] = []
        for position, rule, hold in holding:
            if lines := hold(rule, counting[position], past, zone):
                held += lines if _is_timeless(rule) else _within_dates(rule, lines)
        return Folding(held, _skipped(watches, judged, matched, earned), earned)

    def refuse(activities: Iterable[Activity]) -> Iterator[Skipped]:
        unjudged = Judged(tuple(activities), {}, dict)
        for one, wanted in zip(watches, match(unjudged).counting, strict=True):
            yield from (_skip(one.rule, activity, "consent", {}) for activity in wanted)

    return by_consent(card.consent, fold_history, refuse) if card.consent else fold_history


def _ordered(rules: Iterable[Rule]) -> list[Rule]:
    """Earned rules first; those that are off have to say why they do not count what fits."""
    earned = [rule for rule in rules if isinstance(KINDS[rule.kind], Earned)]
    return earned + [rule for rule in rules if rule.on and isinstance(KINDS[rule.kind], Held)]


def _of(family: type[_Family], watches: Iterable[Watch]) -> list[tuple[Watch, _Family]]:
    return [(one, one.kind) for one in watches if isinstance(one.kind, family)]


def _skipped(
    watches: Sequence[Watch], judged: Judged, matched: Matched, earned: Iterable[Earnings]
) -> Iterator[Skipped]:
    for (position, why), activities in sorted(matched.refused.items()):
        for activity in activities:
            if why != UNPROVEN or activity.id not in judged.humans:
                yield _skip(watches[position].rule, activity, why, judged.machines)
    for one in earned:
        yield from one.skipped()


def _skip(rule: Rule, activity: Activity, why: str, machines: Mapping[str, Verdict]) -> Skipped:
    params: dict[str, Any] = about(activity)
    if why == "machine" and (verdict := machines.get(activity.id)) is not None:
        why, params = f"machine.{verdict.proof}", {**params, **verdict.params}
    return Skipped(rule.id, activity.id, activity.occurred_at, why, params)


def _is_timeless(rule: Rule) -> bool:
    return rule.valid_from is None and rule.valid_to is None


def _within_dates(rule: Rule, lines: Iterable[Line]) -> Iterable[Line]:
    """Held points start and end with the rule, if the rule has dates."""
    for line in lines:
        start = max(line.valid_from, rule.valid_from or line.valid_from)
        ends = [moment for moment in (line.valid_to, rule.valid_to) if moment is not None]
        end = min(ends, default=None)
        if end is None or start < end:
            yield line._replace(valid_from=start, valid_to=end)
