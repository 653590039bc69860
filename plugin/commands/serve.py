"""``maturo serve``: the receiver and the worker, each in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from typing import Any

import click

from .common import opened, setting


@click.command()
@setting("host")
@setting("port")
@setting("language")
@setting("private_platforms")
@setting("log_level")
@click.pass_context
def command(context: click.Context, /, **options: Any) -> None:
    """Receive, score and write back until Ctrl-C or SIGTERM; nothing else has to run.

    Receiver and worker are processes of their own, so that heavy scoring never slows receiving.
    When one ends by itself, the other is stopped and the exit code is 1: a supervisor such as
    systemd starts both anew.
    """
    # What is wrong is said here, before anything starts.
    with opened(context, **options) as runtime:
        config = runtime.config
    click.echo(f"Receiving on http://{config.host}:{config.port}/hooks/CONNECTION", err=True)
    context.exit(_run(config.environ(os.environ)))


def _run(environment: dict[str, str]) -> int:
    """Both processes until they ended; 0 if they were asked to, 1 if one ended by itself."""
    children: list[subprocess.Popen[bytes]] = []
    asked = False

    def end(*_: object) -> None:
        nonlocal asked
        asked = True
        for child in children:
            child.terminate()

    # Before the first child, so that none is left behind.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    for name in ("web", "worker"):
        # -P: a folder named plugin where we were started is not ours.
        arguments = [sys.executable, "-P", "-m", "plugin", name]
        children.append(subprocess.Popen(arguments, env=environment, process_group=0))  # noqa: S603
    if not asked:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    by_itself = not asked
    end()
    for child in children:
        child.wait()
        # The receiver serves in a process of its own; where it was killed that one is left.
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
    return int(by_itself)
