import resource
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier, Event, Thread

import pytest

from plugin.storage.commits import Crowded, GroupCommit
from plugin.storage.engine import sqlite_engine
from plugin.storage.inbox import Broken, InboxFull, Receipt
from plugin.storage.inbox_file import FileInbox
from tests.deadlines import DEADLINE

NOW = datetime(2026, 3, 4, 5, 6, 7, 891234, tzinfo=UTC)


def receipt(body: bytes = b"{}") -> Receipt:
    return Receipt("acme", NOW, {"User-Agent": "GuzzleHttp/7"}, body)


@pytest.fixture
def engine(tmp_path):
    engine = sqlite_engine(tmp_path / "inbox.db")
    yield engine
    engine.dispose()


@pytest.fixture
def inbox(engine):
    inbox = FileInbox(engine)
    yield inbox
    inbox.close()


def test_receipts_come_back_as_they_were_given_in_order(inbox):
    bodies = [b"\x00\xff", "é".encode(), b"x" * 100_000]
    assert [inbox.append(receipt(body)) for body in bodies] == [1, 2, 3]
    assert [found.body for found in inbox.read(0, 10)] == bodies
    assert inbox.read(2, 10) == [Receipt("acme", NOW, {"User-Agent": "GuzzleHttp/7"}, bodies[2], 3)]
    assert [found.id for found in inbox.read(0, 2)] == [1, 2]


def test_one_reading_of_huge_bodies_is_bounded_but_never_empty(inbox):
    for _ in range(3):
        inbox.append(receipt(bytes(20_000_000)))
    assert [found.id for found in inbox.read(0, 100)] == [1, 2]
    assert [found.id for found in inbox.read(2, 100)] == [3]


def test_ids_are_not_issued_again_after_the_newest_receipts_were_deleted(inbox, engine):
    inbox.append(receipt())
    inbox.append(receipt())
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM receipts")
    assert inbox.last_id() == 2
    assert inbox.append(receipt()) == 3
    assert inbox.backlog(1) == 2
    assert inbox.backlog(7) == 0


def test_the_epoch_stays_with_the_file(inbox, engine, tmp_path):
    other = sqlite_engine(tmp_path / "other.db")
    assert FileInbox(engine).epoch() == inbox.epoch()
    assert FileInbox(other).epoch() != inbox.epoch()
    other.dispose()


def test_32_threads_share_commits_and_lose_nothing(engine):
    commits: list[int] = []
    inbox = FileInbox(engine, on_commit=lambda rows, seconds: commits.append(rows))
    start = Barrier(32)

    def work(thread: int) -> list[tuple[int, bytes]]:
        start.wait()
        bodies = [b"%d/%d" % (thread, n) for n in range(25)]
        return [(inbox.append(receipt(body)), body) for body in bodies]

    with ThreadPoolExecutor(32) as threads:
        issued = [pair for pairs in threads.map(work, range(32)) for pair in pairs]
    assert sorted(issued) == [(found.id, found.body) for found in inbox.read(0, 1000)]
    assert [number for number, _ in sorted(issued)] == list(range(1, 801))
    assert sum(commits) == 800
    assert len(commits) < 400, f"hardly anything was committed together: {commits}"
    inbox.close()


def test_while_one_commit_runs_the_next_batch_gathers_and_the_rest_is_turned_away():
    entered, go_on = Event(), Event()
    batches: list[list[int]] = []

    def slow_store(batch):
        batches.append(sorted(batch))
        entered.set()
        go_on.wait(DEADLINE)
        return 1

    group = GroupCommit(slow_store, limit=3)
    leader = Thread(target=group.append, args=(0,))
    leader.start()
    entered.wait(DEADLINE)
    followers = [Thread(target=group.append, args=(n,)) for n in (1, 2, 3)]
    for thread in followers:
        thread.start()
    while len(group._waiting) < 3:
        pass
    with pytest.raises(Crowded, match="3 are already waiting"):
        group.append(4)
    go_on.set()
    for thread in [leader, *followers]:
        thread.join(DEADLINE)
    assert batches == [[0], [1, 2, 3]]


def test_a_failed_commit_fails_every_thread_of_its_batch_and_the_next_one_works():
    entered, go_on = Event(), Event()
    failures = [OSError("no luck")]

    def store(batch):
        entered.set()
        go_on.wait(DEADLINE)
        if len(batch) == 3 and failures:
            raise failures.pop()
        return 7

    group = GroupCommit(store, limit=10)
    with ThreadPoolExecutor(4) as threads:
        first = threads.submit(group.append, "first")
        entered.wait(DEADLINE)
        batch = [threads.submit(group.append, n) for n in range(3)]
        while len(group._waiting) < 3:
            pass
        go_on.set()
        assert first.result(10) == 7
        assert [str(waiting.exception(10)) for waiting in batch] == ["no luck"] * 3
        assert threads.submit(group.append, "later").result(10) == 7


def test_f06_without_space_nothing_is_stored_and_with_space_it_goes_on(inbox):
    inbox.append(receipt())
    writer = inbox._writer.driver_connection
    [[pages]] = writer.execute("PRAGMA page_count").fetchall()
    writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(InboxFull, match="full"):
        inbox.append(receipt(bytes(100_000)))
    writer.execute("PRAGMA max_page_count = 1000000")
    assert inbox.append(receipt()) == 2
    assert [found.id for found in inbox.read(0, 10)] == [1, 2]


def test_f06_an_error_of_the_disk_breaks_the_inbox_for_good(engine):
    told: list[str] = []
    inbox = FileInbox(engine, on_broken=lambda: told.append("broken"))
    inbox.append(receipt())
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))  # writes beyond fail: EFBIG
    try:
        with pytest.raises(Broken, match="disk I/O error"):
            inbox.append(receipt(bytes(200_000)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with pytest.raises(Broken, match="started anew"):
        inbox.append(receipt())
    with pytest.raises(Broken):
        inbox.check()
    assert told == ["broken", "broken"]
    assert [found.id for found in inbox.read(0, 10)] == [1]
    inbox.close()


def test_a_lock_held_by_somebody_else_is_no_reason_to_give_up(engine, tmp_path):
    inbox = FileInbox(engine)
    inbox._writer.driver_connection.execute("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(tmp_path / "inbox.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(InboxFull, match="locked"):
        inbox.append(receipt())
    other.execute("ROLLBACK")
    other.close()
    assert inbox.append(receipt()) == 1
    inbox.close()
