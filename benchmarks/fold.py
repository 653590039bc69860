"""How long scoring takes: 1,000 contacts of 50 activities under a scorecard of all kinds.

Run: ``python benchmarks/fold.py [RULES]``. Seeded; prints the best of five rounds, CPU time.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

from connectors.activity import Activity, Subject
from plugin.scoring.evaluate import evaluate
from plugin.scoring.fold import folder
from plugin.scoring.history import History, ProfileFact, history
from plugin.scoring.kinds import KINDS
from plugin.scoring.loading import load

CONTACTS, ACTIVITIES, BATCH, ROUNDS = 1000, 50, 256, 5
START = datetime(2026, 1, 1, tzinfo=UTC)

_HEAD = """\
name: Benchmark
groups:
  - id: all
    dimension: engagement
    cap: 200
    rules:
"""
_BANDS = """\
bands:
  - {id: cold}
  - {id: hot, enter: 50, leave: 40}
"""
_DECAYS = ("half_life: 30d", "linear: 90d", "steps: {every: 30d, lose: 25%}", "expires: 45d")


def _keys(kind: str, number: int) -> str:
    page = f'activity: page_viewed, url: "*/page-{number % 10}"'
    decay = f"decay: {{{_DECAYS[number % 4]}}}"
    by = ("activity", "session", "day", "subject")[number % 4]
    keys = {
        "activity": f"{page}, {decay}, limit: {{times: 1, per: day}}",
        "repeat": f"activity: page_viewed, nth: 3, by: {by}, within: 30d, {decay}",
        "series": f"activity: email_opened, all_of: [1, 2, {number % 5}], {decay}",
        "duration": f"url: '*/page-{number % 10}', seconds: 60, {decay}",
        "field": f"if: {{field: employees, at_least: {number}}}",
        "completeness": "fields: [phone, company, position], cap: 9",
        "rate": "of: opens, sends: 3, at_least: 30%",
        "absence": "no: page_viewed, for: 20d",
    }
    return f"{{id: rule-{number}, kind: {kind}, points: {number % 9 + 1}, {keys[kind]}}}"


def scorecard_text(rules: int) -> str:
    """Two of five rules are activity rules, as in a firm's scorecard; the rest are all kinds."""
    others = [kind for kind in KINDS if kind != "activity"]
    kinds = ["activity" if n % 5 < 2 else others[n % len(others)] for n in range(rules)]
    lines = "".join(f"      - {_keys(kind, number)}\n" for number, kind in enumerate(kinds))
    return _HEAD + lines + _BANDS


def histories(seed: int = 1) -> list[History]:
    """What the contacts did and were."""
    chance = random.Random(seed)
    return [_history(chance, contact) for contact in range(CONTACTS)]


def _history(chance: random.Random, contact: int) -> History:
    seen = [_activity(chance, contact, number) for number in range(ACTIVITIES)]
    facts = [
        ProfileFact(_moment(chance), str(number), {name: str(chance.randrange(50))})
        for number, name in enumerate(("employees", "phone", "company"))
    ]
    return history(seen, facts)


def _activity(chance: random.Random, contact: int, number: int) -> Activity:
    id, at = f"{contact}:{number}", _moment(chance)
    kind = chance.choice(("page_viewed",) * 6 + ("email_sent", "email_opened", "email_clicked"))
    if kind == "page_viewed":
        page = Subject("page", url=f"https://example.org/page-{chance.randrange(30)}")
        seconds: dict[str, Any] = {"seconds": chance.randrange(120)}
        return Activity(id, str(contact), kind, at, page, seconds)
    mail = str(chance.randrange(6))
    return Activity(
        id, str(contact), kind, at, Subject("email", mail), {"stat": f"{contact}:{mail}"}
    )


def _moment(chance: random.Random) -> datetime:
    return START + timedelta(seconds=chance.randrange(90 * 86_400))


def best(work: Callable[[], object]) -> float:
    """Seconds of CPU the fastest of some rounds took."""
    taken = []
    for _ in range(ROUNDS):
        began = process_time()
        work()
        taken.append(process_time() - began)
    return min(taken)


def main(rules: int) -> None:
    card, people = load(scorecard_text(rules), "benchmark"), histories()
    folds, at = folder(card), START + timedelta(days=100)
    batch = people[:BATCH]
    folding = best(lambda: [folds(one) for one in batch]) / BATCH
    whole = best(lambda: [evaluate(card, folds(one).lines, at) for one in people])
    print(f"{rules} rules, {ACTIVITIES} activities a contact, all kinds")
    print(
        f"fold: {folding * 1e6:.0f} µs a contact, {folding * 1e6 / ACTIVITIES:.2f} µs an activity"
    )
    print(f"recalculation: {CONTACTS * ACTIVITIES / whole:,.0f} activities/s (fold and evaluate)")
    for kind in KINDS:
        alone = load(_HEAD + f"      - {_keys(kind, 7)}\n" + _BANDS, kind)
        one = folder(alone)
        taken = best(lambda one=one: [one(each) for each in batch]) / BATCH  # type: ignore[misc]
        print(f"  one {kind} rule: {taken * 1e6:.0f} µs a contact")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
