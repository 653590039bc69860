"""F11: scorecards are published while receipts are being scored, and everybody is recalculated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event, Semaphore

import pytest

from connectors.mautic.standin.visitors import submit_form, visit
from plugin.storage.engine import for_reading
from plugin.storage.tables import entries, scores
from tests.deadlines import DEADLINE
from tests.installation import CARD, Installation
from tests.torture import Account, repeated

pytestmark = pytest.mark.engines
PUBLICATIONS, PEOPLE, VISITS = repeated(4, 40), 8, repeated(10, 100)


def test_f11_each_contact_is_scored_by_exactly_one_version_at_every_moment(
    connected: Installation, account: Account
) -> None:
    people = [
        submit_form(connected.standin, None, {"email": f"p{one}@x.org"}) for one in range(PEOPLE)
    ]
    for number in range(VISITS):
        for one in people:
            visit(connected.standin, one, f"https://shop.example/{number}")
    bodies = connected.take_deliveries()
    connected.receive(bodies)
    torn, seen = 0, set()
    with working(connected) as step:
        for number in range(PUBLICATIONS):
            connected.publish(CARD.replace("points: 20", f"points: {30 + number}"))
            for _ in range(3):
                step()
                found = versions(connected)
                torn += sum(len(one) > 2 or len(set(one)) > 1 for one in found.values())
                seen |= set().union(*found.values())
    newest = 30 + PUBLICATIONS - 1
    wrong = [one for one in people if connected.points(one) != newest + 15]
    account(activities=len(bodies), lost=len(wrong), out_of_order=torn)
    assert len(seen) > 1, "nothing was scored between two publications"
    assert {len(set(one)) for one in versions(connected).values()} == {1}


@contextmanager
def working(connected: Installation) -> Iterator[Callable[[], None]]:
    """A worker beside us; the step waits until it has committed another batch or has no more.

    At the end everything is scored and everybody recalculated.
    """
    stop, batches = Event(), Semaphore(0)

    def work() -> None:
        while connected.score_batch(5) + connected.recalculate(3) or not stop.is_set():
            batches.release()

    with ThreadPoolExecutor(1) as thread:
        job = thread.submit(work)
        try:
            yield lambda: require(batches.acquire(timeout=DEADLINE))
        finally:
            stop.set()
        job.result(60)
    # It may have found nothing to do just before the last publication.
    while connected.score_batch(5) + connected.recalculate(3):
        pass


def require(done: bool) -> None:
    assert done, "the worker stands still"


def versions(connected: Installation) -> dict[int, list[int]]:
    """By contact: the versions its score and its points of the form are of, at one moment.

    These points differ by version; entries that a new version leaves as they are stay.
    """
    with for_reading(connected.engine).begin() as connection:
        scored = connection.execute(scores.select()).all()
        told = connection.execute(entries.select()).all()
    undone = {(row.contact_id, row.reverses) for row in told}
    found = {row.contact_id: [row.scorecard_id] for row in scored}
    for row in told:
        in_force = row.reverses is None and (row.contact_id, row.number) not in undone
        if row.rule == "demo" and in_force:
            found[row.contact_id].append(row.scorecard_id)
    return found
