"""F8: several workers on one PostgreSQL, killed at random, their sessions ended by the server."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event, Thread

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Engine

from connectors.activity import Activity, Subject
from plugin.config import load_config
from plugin.runtime import Runtime, open_runtime
from plugin.storage import categories, contacts, email_keys, histories, locks, news, scores
from plugin.storage.engine import for_reading, postgresql_engine
from plugin.storage.turns import Turns
from tests import postgres
from tests.builders import visit
from tests.contract.storage_kit import ACME, GLOBEX, NOW, contact, database
from tests.deadlines import until
from tests.installation import Clock
from tests.integration.test_worker_kill_9 import deliveries, receive, seen, start
from tests.torture import Account, repeated

pytestmark = pytest.mark.skipif(postgres.server_url() is None, reason=postgres.MISSING)

WORKERS = 4
KILLS = repeated(6, 50)


@pytest.mark.slow
def test_f08_killed_workers_and_ended_sessions_lose_and_double_nothing(
    tmp_path: Path, account: Account
) -> None:
    with postgres.fresh_database() as url:
        options = {"database_url": url, "key": Fernet.generate_key().decode()}
        config = load_config({}, {"data": str(tmp_path), **options})
        with open_runtime(config, Clock()) as runtime:
            bodies = deliveries()
            receive(runtime, bodies)
            kills = work_and_kill(runtime, tmp_path / "log")
            assert "Traceback" not in (tmp_path / "log").read_text()
            assert kills, "the work was done before the first kill: nothing was tried"
            account(kills=kills, **seen(runtime, bodies))


def work_and_kill(runtime: Runtime, log: Path) -> int:
    chance = random.Random(3)
    workers = [start(runtime, log) for _ in range(WORKERS)]
    share = waiting(runtime) // (KILLS + 1)
    kills = 0
    try:
        while left := waiting(runtime):
            await_waiting(runtime, left - chance.randint(1, share) if kills < KILLS else 0)
            if kills == KILLS or not waiting(runtime):
                continue
            if kills % 2:
                end_sessions(runtime.engine, all=kills % 4 == 1)
            else:
                end(chance.choice(workers))
            kills += 1
            # As a supervisor would; who was about to connect has ended with words.
            workers = [one if one.is_alive() else start(runtime, log) for one in workers]
    finally:
        for worker in workers:
            end(worker)
    return kills


def end(worker: BaseProcess) -> None:
    worker.kill()
    worker.join()


def end_sessions(engine: Engine, *, all: bool) -> None:
    """The server ends one session of this database that is in a transaction, or all but ours."""
    which = "true" if all else "state IN ('active', 'idle in transaction')"
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
            f"current_database() AND pid <> pg_backend_pid() AND {which} "
            f"LIMIT {100 if all else 1}"
        )


def waiting(runtime: Runtime) -> int:
    with for_reading(runtime.engine).begin() as connection:
        return runtime.inbox.waiting(connection, 10_000)


def await_waiting(runtime: Runtime, target: int) -> None:
    until(lambda: waiting(runtime) <= target, "the workers stand still")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with database("postgresql", tmp_path) as opened:
        yield opened


def test_who_works_on_a_contact_has_it_alone_and_others_take_what_is_free(engine: Engine) -> None:
    with engine.begin() as connection:
        ada, bob = (contact(connection, one) for one in ("1", "2"))
    with engine.begin() as first, engine.begin() as second:
        locks.take(first, [ada])
        assert contacts.busy(second, ACME, ["1", "2"]) == {"1"}
        assert locks.take_free(first, [ada, bob]) == {ada}
    with engine.begin() as third:
        assert contacts.busy(third, ACME, ["1", "2"]) == set()


def test_a_person_whom_two_platforms_know_is_worked_on_by_one_worker_alone(engine: Engine) -> None:
    """Each would hold one contact and wait for the other, until the server ends one of them."""
    with engine.begin() as connection:
        ada, same = contact(connection, "1"), contact(connection, "1", GLOBEX)
        email_keys.change(connection, dict.fromkeys((ada, same), email_keys.key_of("ada@x.org")))
        for one in (ada, same):
            scores.save_scores(connection, [due(one)])
    with engine.begin() as first, engine.begin() as second:
        locks.take(first, [same])
        assert contacts.busy(second, ACME, ["1"]) == {"1"}
        assert scores.to_look_at(second, NOW, 10) == scores.outdated(second, 2, 10) == []
    with engine.begin() as first, engine.begin() as second:
        contacts.hold(first, ACME, ["1"])
        assert locks.take_free(second, [ada, same]) == set()
    with engine.begin() as third:
        assert scores.to_look_at(third, NOW, 10) == [ada, same]


def test_what_is_learnt_of_a_mail_waits_for_nobody_and_is_not_forgotten(engine: Engine) -> None:
    """Another worker may be scoring who opened it, not knowing it yet."""
    mail = Subject("email", "7", "Offer", "Promo")
    with engine.begin() as connection:
        ada = contact(connection, "1")
        opened = Activity("open:1", "1", "email_opened", NOW, mail._replace(category=None))
        histories.add_activities(connection, ACME, [(ada, opened)], NOW)
        scores.save_scores(connection, [due(ada)])
    with engine.begin() as scoring:
        locks.take(scoring, [ada])
        scores.save_scores(scoring, [replace(due(ada), next_look_at=None)])
        with engine.begin() as learning:
            learning.exec_driver_sql("SET LOCAL lock_timeout = '1s'")
            categories.learn(learning, ACME, [Activity("sent:1", "2", "email_sent", NOW, mail)])
    with engine.begin() as connection:
        news.spread(connection, 10, NOW)
        assert scores.to_look_at(connection, NOW, 10) == [ada]
        assert not news.wait(connection)


def due(contact_id: int) -> scores.Score:
    """A score that is to be looked at."""
    return scores.Score(contact_id, 1, 0, 0, 0, "", "cold", True, NOW, NOW, NOW)


def test_an_activity_of_a_contact_that_is_merged_meanwhile_is_found_where_it_went(
    engine: Engine,
) -> None:
    told = visit("/pricing")
    better = told._replace(attributes={"seconds": 60})
    with engine.begin() as connection:
        loser, survivor = (contact(connection, one) for one in ("1", "2"))
        histories.add_activities(connection, ACME, [(loser, told)], NOW)
    ended = Event()

    def tell_more() -> None:
        with engine.begin() as connection:
            histories.add_activities(connection, ACME, [(survivor, better)], NOW)
        ended.set()

    with engine.begin() as merging:
        locks.take(merging, [loser, survivor])
        thread = Thread(target=tell_more)
        thread.start()
        await_a_waiter(engine)
        contacts.merge(merging, loser, survivor)
    thread.join()
    assert ended.is_set()
    with engine.begin() as connection:
        found = histories.read_histories(connection, [survivor])[survivor].activities
    assert [one.attributes for one in found] == [{"seconds": 60}]


def await_a_waiter(engine: Engine) -> None:
    waiting = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        asked = partial(connection.exec_driver_sql, waiting)
        until(lambda: asked().scalar_one(), "nobody waits for a lock")


def test_a_platform_is_spoken_with_by_one_process_until_it_ends(engine: Engine) -> None:
    first, second = Turns(engine), Turns(engine)
    assert first.ours([1, 2]) == {1, 2}
    assert second.ours([1, 2, 3]) == {3}
    first.close()
    assert second.ours([1, 2, 3]) == {1, 2, 3}
    second.close()


def test_f08_a_lost_session_gives_its_platforms_to_others(engine: Engine) -> None:
    own = postgresql_engine(engine.url.render_as_string(hide_password=False))
    first, second = Turns(own), Turns(engine)
    assert first.ours([1]) == {1}
    end_sessions(engine, all=True)
    assert second.ours([1]) == {1}
    with pytest.raises(Exception, match="terminat"):
        first.ours([1])
    assert first.ours([1]) == set()
    for one in (first, second):
        one.close()
    own.dispose()
