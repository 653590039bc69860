"""The worker: scores receipts, brings scores back to the platforms, polls them, keeps house."""

from __future__ import annotations

import gc
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import structlog
from sqlalchemy.exc import OperationalError

from plugin.housekeeper import Housekeeper
from plugin.lines import Limiters
from plugin.poller import Poller
from plugin.runtime import Runtime
from plugin.sender import Sender
from plugin.services.challenge import challenge_batch
from plugin.services.forget import forgetting
from plugin.services.look_again import look_again_batch
from plugin.services.recalculate import recalculate_batch
from plugin.services.runs import run_next
from plugin.services.score import score_batch
from plugin.storage.runs import FORGETTING
from plugin.storage.turns import RUNS

#: Seconds between two looks when nothing waits: most of the lag of a quiet installation.
PAUSE = 0.05
#: The same for polling, where what is due is counted in seconds.
POLL_PAUSE = 0.5
#: The same for housekeeping, which is never urgent.
HOUSE_PAUSE = 5.0
#: Seconds that a rehearsal under way gets to notice that the worker ends.
RUNS_REST = 2.0
#: Seconds before going on after the database refused, for instance because the disk is full.
REST = 1.0

_log = structlog.get_logger()


def run_worker(runtime: Runtime, stop: threading.Event) -> None:
    """Score and deliver until ``stop`` is set; what is under way then is finished.

    Raises what a person has to mend: ``VaultError``, ``UnknownConnector``, ``NoScorecard``.
    """
    with rare_collections(), _beside(runtime, stop):
        while not stop.is_set():
            try:
                # All each time: under a steady stream the others' turn would never come.
                done = score_some(runtime) + look_again_some(runtime) + catch_up(runtime)
            except OperationalError as error:
                _log.error("database_refused", kind=type(error.orig).__name__)
                stop.wait(REST)
            else:
                if not done:
                    stop.wait(PAUSE)


def score_some(runtime: Runtime) -> int:
    """Score the next batch; answers how many receipts, 0 when none waits."""
    return score_batch(
        runtime.inbox,
        runtime.engine,
        runtime.vault,
        runtime.manifest.connector,
        runtime.config.batch,
        runtime.clock(),
    )


def look_again_some(runtime: Runtime) -> int:
    """Score the next contacts whose score time alone has changed."""
    return look_again_batch(runtime.engine, runtime.config.batch, runtime.clock())


def catch_up(runtime: Runtime) -> int:
    """Score the next contacts that an older scorecard has scored, or that the challenger lacks."""
    recalculated = recalculate_batch(runtime.engine, runtime.config.batch, runtime.clock())
    return recalculated or challenge_batch(runtime.engine, runtime.config.batch)


def run_some(runtime: Runtime, stop: threading.Event) -> int:
    """Do the next long work that somebody asked for on a page, unless another worker does such."""
    if not runtime.turns.ours([RUNS]):
        return 0

    def score_waiting() -> None:
        while score_some(runtime):
            pass

    forget = forgetting(runtime.inbox, runtime.vault, runtime.manifest.connector, score_waiting)
    return run_next(runtime.engine, runtime.clock, stop.is_set, {FORGETTING: forget})


@contextmanager
def rare_collections() -> Iterator[None]:
    """Let Python look for garbage seldom, as fits work in large batches."""
    # A batch makes a hundred thousand objects that all live until its end: looking for garbage
    # among them every 700 objects finds none and costs a quarter of the time.
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 50, 1_000)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@contextmanager
def _beside(runtime: Runtime, stop: threading.Event) -> Iterator[None]:
    """Speak with the platforms and keep house in threads beside; at the end they finish a step."""
    limiters = Limiters()
    sender = Sender(runtime, random.random, limiters)
    poller = Poller(runtime, random.random, limiters)
    house = Housekeeper(runtime)
    threads = [
        threading.Thread(target=_repeat, args=(work, pause, stop), name=name)
        for name, work, pause in (
            ("sender", sender.send_some, PAUSE),
            ("poller", poller.poll_some, POLL_PAUSE),
            ("housekeeper", house.keep_house, HOUSE_PAUSE),
        )
    ]
    # What is under way here may take minutes and is begun anew by the next worker.
    runs = threading.Thread(
        target=_repeat,
        args=(partial(run_some, runtime, stop), POLL_PAUSE, stop),
        name="runs",
        daemon=True,
    )
    for thread in (*threads, runs):
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        runs.join(RUNS_REST)
        sender.close()
        poller.close()


def _repeat(work: Callable[[], int], pause: float, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            done = work()
        except Exception as error:
            # The thread must live: without it work would pile up and nobody would notice.
            thread = threading.current_thread().name
            _log.error("thread_failed", thread=thread, kind=type(error).__name__)
            stop.wait(REST)
        else:
            if not done:
                stop.wait(pause)
