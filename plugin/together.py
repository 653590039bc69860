"""Several processes that live and end together."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress


def run_together(commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> int:
    """All of them until they ended: when one does so, or SIGTERM or Ctrl-C comes, all are asked to.

    Answers 0 if they were asked to, 1 if one ended by itself. Each leads a process group, whose
    other members are asked to end when it has.
    """
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
    for command in commands:
        children.append(subprocess.Popen(command, env=environment, process_group=0))  # noqa: S603
    if not asked:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    by_itself = not asked
    end()
    for child in children:
        child.wait()
        # Where it was killed, processes of its own are left.
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
    return int(by_itself)
