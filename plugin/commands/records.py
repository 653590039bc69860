"""What ``backfill`` and ``reconcile`` share: the platform's records, read with patience."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TypeVar

import click

from connectors.errors import Transient
from plugin.lines import Limiters, Lines
from plugin.poller import PacedPast
from plugin.runtime import Runtime
from plugin.services.deliver import pause
from plugin.services.read_history import Read
from plugin.storage.connections import StoredConnection, UnknownConnection, find
from plugin.storage.engine import for_reading

from .progress import growing

#: How often in a row the platform may fail to answer before the command ends.
_PATIENCE = 5

_T = TypeVar("_T")
#: Reads the next page, or tells that there is none.
NextPage = Callable[[], Read | None]


def connection_named(runtime: Runtime, name: str) -> StoredConnection:
    """The connection; raises ``UnknownConnection`` with what to do."""
    with for_reading(runtime.engine).begin() as connection:
        source = find(connection, runtime.vault, name)
    if source is None:
        raise UnknownConnection(
            f'there is no connection "{name}": `maturo connections` shows which there are'
        )
    return source


@contextmanager
def past_of(runtime: Runtime, source: StoredConnection) -> Iterator[PacedPast]:
    """The platform's records, over a session that is closed at the end."""
    lines = Lines(runtime, Limiters(), random.random)
    try:
        yield PacedPast(lines.to(source))
    finally:
        lines.close()


def read_all(next_page: NextPage) -> tuple[int, Counter[str]]:
    """Read until nothing newer is there; rows, and new activities by kind. Shows progress."""
    rows, found = 0, Counter[str]()
    with growing("rows") as advance:
        for read in _pages(next_page):
            rows += read.rows
            found.update(read.found)
            advance(rows, read.remaining)
    return rows, found


def in_words(rows: int, found: Counter[str]) -> str:
    """What was read, for people."""
    if not found:
        return f"{rows} rows were read, nothing in them was new"
    kinds = ", ".join(f"{count} {kind}" for kind, count in found.most_common())
    return f"{rows} rows were read; new in them: {kinds}"


def patiently(call: Callable[[], _T]) -> _T:
    """What the call gives; tried again while the platform cannot answer, but not for ever."""
    for failed in count(1):
        try:
            return call()
        except Transient as error:
            if failed == _PATIENCE:
                raise
            wait = pause(failed, error.retry_after, random.random).total_seconds()
            click.echo(f"{error}; trying again in {wait:.0f} s", err=True)
            time.sleep(wait)
    raise AssertionError("unreachable")


def _pages(next_page: NextPage) -> Iterator[Read]:
    while (read := patiently(next_page)) is not None:
        yield read
        if read.caught_up:
            return
