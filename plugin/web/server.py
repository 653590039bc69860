"""The receiver under granian: one process, a fixed number of threads."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial

from flask import Flask
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

from plugin.config import Config

from . import create_app

_CONNECTIONS = 1024
#: Seconds for what is in flight; a delivery takes milliseconds. Then the serving process is killed.
_PATIENCE = 5


def run(
    config: Config, load: Callable[[Config], Flask] = create_app, patience: int = _PATIENCE
) -> None:
    """Serve until SIGTERM or SIGINT; what is in flight is answered first, for ``patience`` seconds.

    Leaves with exit code 1 when the serving process ended by itself. ``load`` makes the
    application in the serving process.
    """
    server = Server(
        "plugin.web:create_app",
        address=config.host,
        port=config.port,
        interface=Interfaces.WSGI,
        blocking_threads=config.threads,
        # Open connections, idle ones too (observed: at 64, 70 silent clients locked everybody
        # out); those beyond it wait in the kernel's queue.
        backpressure=_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=64 * 1024),
        websockets=False,
        log_level=LogLevels(config.log_level),
        workers_kill_timeout=patience,
    )
    hold = partial(signal.pthread_sigmask, signal.SIG_BLOCK, [signal.SIGTERM])
    release = partial(signal.pthread_sigmask, signal.SIG_UNBLOCK, [signal.SIGTERM])
    # What comes while the process is forked waits until it is known who is meant.
    os.register_at_fork(before=hold, after_in_parent=release, after_in_child=_end_when_asked)
    server.serve(target_loader=partial(load, config), wrap_loader=False)


def _end_when_asked() -> None:
    # The serving process is a fork: until it takes requests it has its parent's handler, which says
    # nothing to anybody there. A SIGTERM meanwhile was lost and the process stayed.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])
