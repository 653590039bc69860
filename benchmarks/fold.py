"""What scoring costs in pure code: ``python -m benchmarks.fold``. CPU time, best of some rounds.

Beside it runs a fixed loop: what it takes more than on a quiet machine, everything takes more.

Contacts of a small firm under the shipped ``b2b.yaml``, as the worker scores them: batches of
256 contacts of whom each has done 50 things and now one more. Then a recalculation without
reading, from histories to scores, and what one rule of each kind costs alone.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from functools import partial
from importlib.resources import files
from operator import attrgetter
from time import process_time
from typing import TypeVar

from connectors.activity import Activity, Subject
from plugin.scoring.bands import next_band
from plugin.scoring.companies import with_companies
from plugin.scoring.evaluate import Standing, standing, whole_points
from plugin.scoring.fold import folder
from plugin.scoring.history import History, history
from plugin.scoring.kinds import KINDS
from plugin.scoring.lines import Folding
from plugin.scoring.loading import load
from plugin.scoring.scorecard import Scorecard
from plugin.scoring.wakeup import next_look

from .firm import END, Told, people

BATCH, CONTACTS, PAST, ROUNDS = 256, 400, 50, 15
_MONTH = 30 * 86_400.0
_STAGES = ("history", "fold", "lines", "standing", "next_look")

_In = TypeVar("_In")
_Out = TypeVar("_Out")
_LINES = attrgetter("lines")

_HEAD = """\
name: Benchmark
groups:
  - {id: all, dimension: engagement, rules: [RULE]}
bands:
  - {id: cold}
  - {id: hot, enter: 50, leave: 40}
"""
_RULES = {
    "activity": "activity: page_viewed, limit: {times: 1, per: day}, decay: {half_life: 30d}",
    "repeat": "activity: page_viewed, nth: 3, by: session, within: 30d, decay: {linear: 90d}",
    "series": "activity: email_opened, all_of: [Welcome 1, Welcome 2], decay: {expires: 45d}",
    "duration": "url: '*/produit*', seconds: 60, decay: {half_life: 30d}",
    "field": "if: {field: position, level: [executive, director]}",
    "completeness": "fields: [phone, company, position], cap: 9",
    "rate": "of: opens, sends: 3, at_least: 30%",
    "absence": "no: page_viewed, for: 20d",
}


def shipped() -> Scorecard:
    """The scorecard for firms that we ship."""
    name = "b2b.yaml"
    return load(files("plugin").joinpath("scorecards", name).read_text(encoding="utf-8"), name)


def of_one(kind: str) -> Scorecard:
    """A scorecard of one rule of that kind."""
    keys = f"{{id: one, kind: {kind}, points: 5, {_RULES[kind]}}}"
    return load(_HEAD.replace("RULE", keys), kind)


class Clock:
    """CPU seconds by stage: the least of all rounds."""

    def __init__(self) -> None:
        self.least: dict[str, float] = {}

    def run(self, stage: str, work: Callable[[_In], _Out], given: Iterable[_In]) -> list[_Out]:
        """Do a stage's work on everything given."""
        began = process_time()
        done = [work(one) for one in given]
        taken = process_time() - began
        self.least[stage] = min(taken, self.least.get(stage, taken))
        return done


def timeline(told: Told) -> History:
    """As the worker brings in order what it read."""
    return history(told.activities, with_companies(told.facts, told.companies))


def worker(card: Scorecard, activities: int) -> Clock:
    """What a batch of the worker costs, each stage by itself."""
    fold, clock = folder(card), Clock()
    who = list(people(BATCH, activities))
    for _ in range(ROUNDS):
        batch = [one.told(activities) for one in who]
        gc.collect()
        clock.run("fixed", _fixed, range(BATCH))
        clock.run("bare", _bare, batch)
        clock.run("least", _least, batch)
        past = clock.run("history", timeline, batch)
        found = clock.run("fold", fold, past)
        clock.run("lines", _LINES, found)
        scores = clock.run("standing", lambda one: standing(card, one, END), found)
        clock.run("next_look", partial(_look, card), zip(found, scores, strict=True))
    return clock


def _bare(told: Told) -> None:
    """The least that can be done with activities: one look-up for each."""
    known = {"page_viewed": 0}
    for activity in told.activities:
        known.get(activity.kind)


def _least(told: Told) -> None:
    """The least that any scoring must do: look each activity up with what it is about, keep it
    for three rules, and let as many points as most contacts have fade."""
    matched: list[list[Activity]] = [[], [], []]
    known: dict[tuple[str, Subject], tuple[int, ...]] = {}
    for activity in told.activities:
        for position in known.setdefault((activity.kind, activity.subject), (0, 1, 2)):
            matched[position].append(activity)
    moments = [activity.occurred_at for activity in matched[0][:40]]
    sum([2.0 ** -((END - moment).total_seconds() / _MONTH) for moment in moments])


def _fixed(number: int) -> int:
    """A turn of the fixed loop: numbers, tuples, a dict."""
    seen = {(turn, number): turn * number for turn in range(100)}
    return sum([seen[turn, number] & 255 for turn in range(100)])


def _look(card: Scorecard, scored: tuple[Folding, Standing]) -> None:
    folding, score = scored
    band = next_band(card.bands, None, score.score)
    held = {name: whole_points(value) for name, value in score.dimensions.items()}
    held["score"] = whole_points(score.score)
    next_look(card, folding, band, END, held, END)


def recalculation(card: Scorecard) -> float:
    """Activities a second, from histories to scores."""
    fold, clock = folder(card), Clock()
    who = list(people(CONTACTS, PAST))
    for _ in range(ROUNDS):
        past = [timeline(one.told(PAST)) for one in who]
        gc.collect()
        clock.run("all", lambda one: standing(card, fold(one), END), past)
    return CONTACTS * PAST / clock.least["all"]


def main() -> None:
    card = shipped()
    clock = worker(card, PAST + 1)
    bare = clock.least["bare"]
    print(f"b2b.yaml, {BATCH} contacts, {PAST} activities before the new one; CPU a new activity,")
    print(f"and how many times the bare loop over the activities ({_each(bare):.1f} µs).")
    print(f"A turn of the fixed loop: {_each(clock.least['fixed']):.1f} µs.")
    stages = {stage: clock.least[stage] for stage in _STAGES}
    for stage, taken in (stages | {"all": sum(stages.values())}).items():
        print(f"  {stage:10} {_each(taken):6.1f} µs {taken / bare:6.1f}")
    floor = BATCH * (PAST + 1) / clock.least["least"]
    print(f"recalculation without reading: {recalculation(card):,.0f} activities/s a core;")
    print(f"look-ups, lists and fading alone, in plain Python: {floor:,.0f}")
    print("one rule of each kind, fold alone:")
    for kind in KINDS:
        print(f"  {kind:12} {_each(worker(of_one(kind), PAST).least['fold']):6.1f} µs a contact")


def _each(seconds: float) -> float:
    """Microseconds a contact of a batch."""
    return seconds / BATCH * 1e6


if __name__ == "__main__":
    main()
