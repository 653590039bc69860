"""Use case: compute what takes too long for a page, when it is due, beside everything else."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine

from plugin.storage import reports
from plugin.storage.engine import for_reading

from .accounts import rank_accounts
from .drift import DRIFT, compute_drift
from .results import RESULTS, compute_results

#: The name of the ranking of accounts.
ACCOUNTS = "accounts"
_REPORTS: Mapping[str, Callable[[Engine, datetime], Any]] = {
    ACCOUNTS: rank_accounts,
    RESULTS: compute_results,
    DRIFT: compute_drift,
}
#: A report is as old as this at most where it is quickly made; it takes a hundredth of the time.
_EVERY, _SHARE = timedelta(minutes=10), 100
#: What is told of whole weeks hardly changes within hours.
_SELDOM = {DRIFT: timedelta(hours=1)}
#: Nobody else computes it meanwhile. Who was killed at it leaves it to others after this.
_LEASE = timedelta(minutes=15)


def refresh_due(engine: Engine, now: datetime) -> int:
    """Compute the reports that are due; answers how many."""
    return sum(_refresh(engine, name, now) for name in _REPORTS)


def ask_for(engine: Engine, name: str, now: datetime) -> None:
    """Let the worker compute a report, ``RESULTS``, ``ACCOUNTS`` or ``DRIFT``, within seconds."""
    with engine.begin() as connection:
        reports.ask(connection, name, now)


def _refresh(engine: Engine, name: str, now: datetime) -> bool:
    with for_reading(engine).begin() as connection:
        if not reports.is_due(connection, name, now):
            return False
    with engine.begin() as connection:
        if not reports.claim(connection, name, now, now + _LEASE):
            return False
    started = time.monotonic()
    content = _REPORTS[name](engine, now)
    took = timedelta(seconds=time.monotonic() - started)
    with engine.begin() as connection:
        reports.save(
            connection, name, content, now, now + max(_SELDOM.get(name, _EVERY), took * _SHARE)
        )
    return True
