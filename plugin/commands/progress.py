"""A progress bar on standard error, for people only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

T = TypeVar("T")


@contextmanager
def progress(total: int) -> Iterator[Callable[[int], None]]:
    """Give a function to call with how many contacts were done; silent where nobody looks."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("contacts", total=total)
        yield lambda done: bar.advance(task, done)


@contextmanager
def growing(what: str) -> Iterator[Callable[[int, int | None], None]]:
    """Give a function to call with how many were done so far and how many are to come, if known."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, to_come: bar.update(
            task, completed=done, total=None if to_come is None else done + to_come
        )


@contextmanager
def read_then(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function to call with how many contacts of how many are read; then ``what`` is done.

    How long that takes is not known: the bar only moves.
    """
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
        reading = bar.add_task("contacts")
        following = bar.add_task(what, total=None, visible=False)

        def advance(done: int, total: int) -> None:
            bar.update(reading, completed=done, total=total)
            bar.update(following, visible=done >= total)

        yield advance


def counted(contacts: Iterable[T], advance: Callable[[int], None]) -> Iterator[T]:
    """The contacts as they are, each one counted."""
    for one in contacts:
        yield one
        advance(1)
