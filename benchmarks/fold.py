"""What scoring costs in pure code: ``python -m benchmarks.fold``. CPU time, best of some rounds.

Contacts of a small firm under the shipped ``b2b.yaml``, as the worker scores them: batches of
256 contacts of whom each has done 50 things and now one more. Then a recalculation without
reading, from histories to scores, and what one rule of each kind costs alone.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from time import process_time
from typing import TypeVar

from plugin.scoring.bands import next_band
from plugin.scoring.companies import with_companies
from plugin.scoring.evaluate import Evaluation, evaluate, whole_points
from plugin.scoring.fold import folder
from plugin.scoring.history import History, history
from plugin.scoring.kinds import KINDS
from plugin.scoring.lines import Folding
from plugin.scoring.loading import load
from plugin.scoring.scorecard import Scorecard
from plugin.scoring.wakeup import next_look

from .firm import END, Told, people

BATCH, CONTACTS, PAST, ROUNDS = 256, 1000, 50, 7
_STAGES = ("history", "fold", "evaluate", "next_look")

_T = TypeVar("_T")

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

    def run(self, stage: str, work: Callable[[], _T]) -> _T:
        began = process_time()
        done = work()
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
        past = clock.run("history", lambda batch=batch: [timeline(one) for one in batch])  # type: ignore[misc]
        found = clock.run("fold", lambda past=past: [fold(one) for one in past])  # type: ignore[misc]
        scores = clock.run(
            "evaluate",
            lambda found=found: [evaluate(card, one.lines, END) for one in found],  # type: ignore[misc]
        )
        clock.run("next_look", lambda found=found, scores=scores: _looks(card, found, scores))  # type: ignore[misc]
    return clock


def _looks(card: Scorecard, found: Iterable[Folding], scores: Sequence[Evaluation]) -> None:
    for folding, score in zip(found, scores, strict=True):
        band = next_band(card.bands, None, score.score)
        held = {name: whole_points(value) for name, value in score.dimensions.items()}
        held |= {"score": whole_points(score.score)}
        next_look(card, folding.lines, band, END, held, END)


def recalculation(card: Scorecard) -> float:
    """Activities a second, from histories to scores."""
    fold, clock = folder(card), Clock()
    who = list(people(CONTACTS, PAST))
    for _ in range(ROUNDS):
        past = [timeline(one.told(PAST)) for one in who]
        gc.collect()
        clock.run("all", lambda past=past: [evaluate(card, fold(one).lines, END) for one in past])  # type: ignore[misc]
    return CONTACTS * PAST / clock.least["all"]


def main() -> None:
    card = shipped()
    clock = worker(card, PAST + 1)
    print(f"b2b.yaml, {BATCH} contacts, {PAST} activities before the new one; CPU a new activity:")
    for stage in _STAGES:
        print(f"  {stage:10} {clock.least[stage] / BATCH * 1e6:6.1f} µs")
    print(f"  {'all':10} {sum(clock.least.values()) / BATCH * 1e6:6.1f} µs")
    print(f"recalculation without reading: {recalculation(card):,.0f} activities/s a core")
    print("one rule of each kind, fold alone:")
    for kind in KINDS:
        fold = worker(of_one(kind), PAST).least["fold"]
        print(f"  {kind:12} {fold / BATCH * 1e6:6.1f} µs a contact")


if __name__ == "__main__":
    main()
