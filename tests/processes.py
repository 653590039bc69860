"""Parts of Maturo in processes of their own, which begin in milliseconds and may be killed."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

from plugin.cli import main
from plugin.config import Config

# Forked off a process that has imported everything and does nothing else: to begin each with
# `python -m plugin` takes a second of work, and a fork of this process had locks of its threads.
_forks = multiprocessing.get_context("forkserver")
_commands = [f"plugin.commands.{name}" for name in ("backfill", "reconcile", "worker")]
_forks.set_forkserver_preload(["__main__", __name__, "plugin.web.server", *_commands])


def begin(work: Callable[..., object], *arguments: object, log: Path | None = None) -> BaseProcess:
    """``work`` in another process, which leads a group; what it prints is added to ``log``."""
    process = _forks.Process(target=_work, args=(work, arguments, log))
    process.start()
    return process


def begin_maturo(config: Config, *arguments: str, log: Path | None = None) -> BaseProcess:
    """``maturo ARGUMENTS`` with these settings."""
    return begin(_maturo, config.environ({"MATURO_CONFIG": os.devnull}), arguments, log=log)


def _maturo(environment: dict[str, str], arguments: tuple[str, ...]) -> None:
    os.environ.update(environment)
    main(arguments, prog_name="maturo")


def _work(work: Callable[..., object], arguments: tuple[object, ...], log: Path | None) -> None:
    os.setsid()
    # Processes of its own begin as they do where it is started by hand.
    multiprocessing.set_start_method("fork", force=True)
    output = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    work(*arguments)
