"""The demo's stage: a throwaway folder, a stand-in platform, and the real receiver and worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

import requests

from plugin.config import load_config
from plugin.runtime import Clock, Runtime, open_runtime, utc_now
from plugin.services.connect import Request, connect
from plugin.services.publish import publish
from plugin.storage import connections, deliveries, inquiries
from plugin.storage.engine import for_reading
from plugin.worker import run_worker

from .story import Story

CONNECTION = "mautic"
#: Settings of an installation on this machine are none of the demo's.
_NO_FILE = {"MATURO_CONFIG": os.devnull}
#: Seconds until something that should have happened has not.
_PATIENCE = 60.0
#: Seconds for the receiver to end by itself; it takes two.
_ENDING = 10.0


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything running. ``standin`` is the platform's own memory, ``url``s have no end slash."""

    runtime: Runtime
    standin: Any
    platform_url: str
    receiver_url: str

    @property
    def hook(self) -> str:
        """Where the platform delivers."""
        return f"{self.receiver_url}/hooks/{CONNECTION}"


def story_clock(story: Story) -> Clock:
    """The time of a story, going on from its end."""
    # The month is played under a moved clock, as it was recorded: what fades by age would
    # otherwise show other scores on every day the demo is run.
    moved: timedelta = story.end - utc_now()
    return lambda: utc_now() + moved


@contextmanager
def set_up(
    folder: Path,
    clock: Clock,
    secret: str,
    *,
    since: datetime | None = None,
    before_work: Callable[[Stage], object] = lambda _: None,
    web: Sequence[str] = ("plugin", "web"),
) -> Iterator[Stage]:
    """Start everything under a clock and stop it at the end.

    ``secret`` signs deliveries, ``since`` is when the scorecard was published, ``before_work``
    happens before the worker begins, ``web`` is the module that receives, with its arguments.
    """
    options = {"data": str(folder), "port": _free_port(), "log_level": "error"}
    # The stand-in is on this machine.
    options |= {"private_platforms": True}
    config = load_config(_NO_FILE, options)
    with ExitStack() as stack:
        runtime = stack.enter_context(open_runtime(config, clock))
        platform = runtime.manifest.standin(CONNECTION)
        standin = platform.StandIn(clock=clock)
        url = stack.enter_context(platform.serve(standin)).url
        stage = Stage(runtime, standin, url, f"http://{config.host}:{config.port}")
        card = files("plugin").joinpath("scorecards/demo.yaml").read_text(encoding="utf-8")
        publish(runtime.engine, card, "demo.yaml", since or clock())
        stack.enter_context(_receiving(stage, web))
        _connect(stage, secret)
        before_work(stage)
        stack.enter_context(_working(runtime))
        yield stage


def wait_until_quiet(stage: Stage) -> None:
    """Return when every receipt is scored and the platform holds every score.

    Raises ``TimeoutError`` when that does not come nearer for a minute.
    """
    left = _open_work(stage)
    while left:
        before = left
        _wait(lambda: _open_work(stage) != before, f"the worker stands still, {before} to do")  # noqa: B023
        left = _open_work(stage)


def _open_work(stage: Stage) -> int:
    with for_reading(stage.runtime.engine).begin() as connection:
        waiting = deliveries.counts(connection)[deliveries.PENDING] + inquiries.count(connection)
    # Looked at last: our own writes come back as receipts before they count as delivered.
    with for_reading(stage.runtime.engine).begin() as connection:
        return waiting + stage.runtime.inbox.waiting(connection, 1_000_000)


def _connect(stage: Stage, secret: str) -> None:
    settings = {
        "base_url": stage.platform_url,
        "client_id": stage.standin.client_id,
        "client_secret": stage.standin.client_secret,
    }
    # The recorded deliveries are all there is: the stand-in itself saw nobody.
    request = Request(
        CONNECTION, CONNECTION, settings, secret, stage.hook, mode=connections.WEBHOOK
    )
    runtime = stage.runtime
    connector = runtime.manifest.connector(CONNECTION)
    done = connect(runtime.engine, runtime.vault, connector, request, runtime.clock())
    failed = [check for check in done.checks if not check.ok]
    if failed:
        raise RuntimeError(f"the stand-in could not be connected: {failed}")


@contextmanager
def _receiving(stage: Stage, web: Sequence[str]) -> Iterator[None]:
    environment = stage.runtime.config.environ(os.environ | _NO_FILE)
    # A session of its own: Ctrl-C in a terminal reaches everybody, and a receiver that is told
    # twice to end may not end at all.
    process = subprocess.Popen(  # noqa: S603 - our own modules
        [sys.executable, "-P", "-m", *web],
        env=environment,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait(lambda: _is_ready(stage.receiver_url, process), "the receiver did not start")
        yield
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        with suppress(subprocess.TimeoutExpired):
            process.wait(_ENDING)
    finally:
        # Also after a second Ctrl-C: it may not have ended, nor the process that it serves in.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _is_ready(url: str, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"the receiver ended with exit code {process.returncode}")
    try:
        return requests.get(f"{url}/readyz", timeout=5).ok
    except requests.ConnectionError:
        return False


@contextmanager
def _working(runtime: Runtime) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(runtime, stop), name="worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _wait(condition: Callable[[], bool], failure: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(failure)
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
