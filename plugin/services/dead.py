"""Use case: look at what could not be read, by what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from plugin.storage import dead_letters
from plugin.storage.dead_letters import DeadLetter, Group
from plugin.storage.engine import for_reading
from plugin.storage.inbox import Inbox


@dataclass(frozen=True, slots=True)
class Alike:
    """A page of a group, the newest first; the next begins before ``next``, ``None`` at the end."""

    group: Group
    letters: tuple[DeadLetter, ...]
    next: int | None


def groups(engine: Engine) -> list[Group]:
    """What waits, by connection, event and reason; the newest first."""
    with for_reading(engine).begin() as connection:
        return dead_letters.groups(connection)


def alike(engine: Engine, letter_id: int, limit: int, before: int | None = None) -> Alike | None:
    """A page of the group that a letter is of; ``None`` if the letter waits no more."""
    with for_reading(engine).begin() as connection:
        letter = dead_letters.find(connection, letter_id)
        if letter is None:
            return None
        found = dead_letters.alike(connection, letter, limit + 1, before)
        group = next(
            one
            for one in dead_letters.groups(connection)
            if (one.connection, one.event, one.reason)
            == (letter.connection, letter.event, letter.reason)
        )
    more = found[limit - 1].id if len(found) > limit else None
    return Alike(group, tuple(found[:limit]), more)


def letter_with_body(
    inbox: Inbox, engine: Engine, letter_id: int
) -> tuple[DeadLetter, bytes | None] | None:
    """A letter and the whole body it came in, ``None`` where that is gone or never was."""
    with for_reading(engine).begin() as connection:
        letter = dead_letters.find(connection, letter_id)
    if letter is None:
        return None
    number = letter.receipt_id
    receipts = inbox.read(number - 1, 1) if number > 0 else []
    return letter, next((one.body for one in receipts if one.id == number), None)
