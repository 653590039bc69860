from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from connectors.activity import Activity, ProfileChange
from connectors.mautic.hooks import TRIGGERS
from connectors.mautic.standin import StandIn, visitors
from connectors.mautic.standin.author import ADMIN
from connectors.mautic.standin.php import encode
from connectors.mautic.standin.state import Hook
from plugin.config import load_config
from plugin.runtime import Runtime, open_runtime
from plugin.scoring.fold import folder
from plugin.scoring.history import ProfileFact, history
from plugin.scoring.lines import Line
from plugin.scoring.loading import load
from plugin.services.publish import publish
from plugin.storage import connections, ledger, progress
from plugin.storage.engine import for_reading
from plugin.storage.inbox import Receipt
from plugin.storage.tables import activities, contacts, entries
from tests.deadlines import until
from tests.installation import CARD, NAME, Clock
from tests.processes import begin_maturo
from tests.torture import Account, repeated

KILLS, PEOPLE, DELIVERIES = repeated(3, 20), 20, repeated(210, 1000)


@pytest.mark.slow
def test_f02_a_worker_killed_at_random_moments_loses_and_doubles_nothing(
    tmp_path: Path, account: Account
) -> None:
    config = load_config({}, {"data": str(tmp_path)})
    clock = Clock()
    with open_runtime(config, clock) as runtime:
        bodies = deliveries()
        receive(runtime, bodies)
        kills = work_and_kill(runtime, len(bodies))
        assert kills, "the work was done before the first kill: nothing was tried"
        account(kills=kills, **seen(runtime, bodies))
        assert_whole(runtime, bodies)


def receive(runtime: Runtime, bodies: list[bytes]) -> None:
    """Let the bodies wait; the scorecard is in force, and there is no platform to write to."""
    new = connections.NewConnection(
        NAME, "mautic", {"field_prefix": "maturo_"}, {}, ("s",), None, None
    )
    publish(runtime.engine, CARD, "card", runtime.clock())
    with runtime.engine.begin() as connection:
        connections.save(connection, runtime.vault, new, runtime.clock())
        # The sender needs a platform; here only the scoring is tried.
        source = connections.all_connections(connection, runtime.vault)[0]
        connections.set_state(connection, source.id, connections.NEEDS_AUTHENTICATION)
    for body in bodies:
        runtime.inbox.append(Receipt(NAME, runtime.clock(), {}, body))


def deliveries() -> list[bytes]:
    """At least 200 bodies, one in a hundred of them twice."""
    clock = Clock()
    standin = StandIn(clock=clock, queued=True)
    standin.hooks[1] = Hook(1, "all", "", "", list(TRIGGERS), ADMIN, ADMIN, standin.now())
    chance = random.Random(9)
    people = [visitors.visit(standin, None, "https://shop.example/") for _ in range(PEOPLE)]
    while len(standin.queue) < DELIVERIES:
        clock.forward(minutes=7)
        one = chance.choice(people)
        if chance.random() < 0.1:
            visitors.submit_form(standin, one, {"email": f"c{one}@example.org"})
        else:
            visitors.visit(
                standin, one, chance.choice(["https://x.example/", "https://x.example/jobs"])
            )
    bodies = [encode({f"mautic.{event.key}": [event.item]}) for _, event in standin.queue]
    bodies += chance.sample(bodies, max(len(bodies) // 100, 3))
    chance.shuffle(bodies)
    return bodies


def work_and_kill(runtime: Runtime, last: int) -> int:
    chance = random.Random(3)
    kills = 0
    while (before := cursor(runtime)) < last:
        process = start(runtime)
        target = before + chance.randint(1, last // (KILLS + 2)) if kills < KILLS else last
        until(lambda: cursor(runtime) >= target or not process.is_alive(), "it stands still")  # noqa: B023
        assert process.is_alive(), "the worker ended by itself"
        kills += cursor(runtime) < last
        process.kill()
        process.join()
    return kills


def start(runtime: Runtime, log: Path | None = None) -> BaseProcess:
    """A worker that is often between two transactions."""
    return begin_maturo(replace(runtime.config, batch=5, log_level="error"), "worker", log=log)


def cursor(runtime: Runtime) -> int:
    with for_reading(runtime.engine).begin() as connection:
        return progress.inbox_cursor(connection)


def assert_whole(runtime: Runtime, bodies: list[bytes]) -> None:
    with runtime.engine.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert progress.inbox_cursor(connection) == runtime.inbox.last_id() == len(bodies)


def seen(runtime: Runtime, bodies: list[bytes]) -> dict[str, int]:
    """What was lost and doubled, and in whose ledger something else stands than a fold gives."""
    with for_reading(runtime.engine).begin() as connection:
        ids = dict(
            connection.execute(
                contacts.select().with_only_columns(contacts.c.platform_id, contacts.c.id)
            ).all()
        )
        found = {one: ledger.read_lines(connection, ids[one]) for one in ids}
        stored = connection.execute(activities.select()).all()
        undone = connection.execute(entries.select().where(entries.c.reverses > 0)).all()
    expected, known = folded(runtime, bodies)
    kept = [row.activity_id for row in stored]
    assert set(kept) <= known
    assert len({(row.contact_id, row.reverses) for row in undone}) == len(undone)
    return {
        "activities": len(known),
        "lost": len(known - set(kept)),
        "doubled": len(kept) - len(set(kept)),
        "out_of_order": sum(
            repr_of(found.get(one, ())) != repr_of(expected.get(one, ()))
            for one in found.keys() | expected.keys()
        ),
    }


def folded(runtime: Runtime, bodies: list[bytes]) -> tuple[dict[str, Iterable[Line]], set[str]]:
    """The lines of every contact by a fold of all readings, without any storage."""
    told: defaultdict[str, list[Activity]] = defaultdict(list)
    facts: defaultdict[str, list[ProfileFact]] = defaultdict(list)
    for body in bodies:
        for item in runtime.manifest.connector("mautic").read_webhook({}, body, {}).items:
            match item:
                case Activity():
                    told[item.contact].append(item)
                case ProfileChange():
                    facts[item.contact].append(ProfileFact(item.at, item.order, item.fields))
    fold = folder(load(CARD, "card"))
    people = told.keys() | facts.keys()
    known = {activity.id for found in told.values() for activity in found}
    return {one: fold(history(told[one], facts[one])).lines for one in people}, known


def repr_of(lines: Iterable[Line]) -> list[str]:
    return sorted(
        f"{line.rule} {line.points} {line.valid_from} {line.valid_to} {line.activities}"
        for line in lines
    )
