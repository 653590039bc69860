"""Use case: an administrator asks on a page to forget a person; a worker does it.

It looks through every receipt that is kept, which takes a minute or two of many.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Engine

from plugin.storage import runs
from plugin.storage.engine import for_reading
from plugin.storage.inbox import Inbox
from plugin.storage.runs import FORGETTING, Run
from plugin.storage.vault import Vault

from .explain import UnknownContact
from .person import forget_person
from .runs import Advance, CannotRun, Work
from .score import Connectors


def ask_forgetting(engine: Engine, address: str, who: str, now: datetime) -> int:
    """Ask that ``CONNECTION/CONTACT`` be forgotten; answers the run's number.

    Once it ended, well or not, the run names nobody any more.
    """
    asked = orjson.dumps({"address": address, "who": who}).decode()
    with engine.begin() as connection:
        return runs.ask(connection, FORGETTING, address, asked, who, now)


def forgetting_of(engine: Engine, number: int) -> Run | None:
    """How far the forgetting of that number is; ``None`` where there is none."""
    with for_reading(engine).begin() as connection:
        run = runs.find(connection, number)
    return run if run is not None and run.kind == FORGETTING else None


def forgetting(
    inbox: Inbox, vault: Vault, connectors: Connectors, score_waiting: Callable[[], None]
) -> Work:
    """What a worker does with a run of the kind ``FORGETTING``; the result is counts."""

    def work(
        engine: Engine, asked: Mapping[str, Any], now: datetime, advance: Advance
    ) -> Mapping[str, int]:
        address, who = asked["address"], asked["who"]
        parts = (inbox, engine, vault, connectors, score_waiting)
        try:
            done = forget_person(*parts, address, now, who=who, advance=advance)
        except UnknownContact as error:
            raise CannotRun("unknown") from error
        return {"receipts": done.receipts, "waiting": done.waiting, "contacts": len(done.contacts)}

    return work
