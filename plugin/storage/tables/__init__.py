"""The tables of the main database, by family."""

from __future__ import annotations

from .columns import metadata
from .of_contacts import (
    activities,
    categories,
    company_facts,
    company_members,
    contacts,
    erasures,
    forms,
    histories,
    inquiries,
)
from .of_platforms import (
    connections,
    dead_letters,
    lags,
    paces,
    positions,
    progress,
    tallies,
    webhooks,
)
from .of_requests import actions, deliveries, fuses
from .of_scores import (
    challenger_scores,
    challengers,
    crossings,
    entries,
    open_entries,
    scorecards,
    scores,
)

__all__ = [
    "actions",
    "activities",
    "categories",
    "challenger_scores",
    "challengers",
    "company_facts",
    "company_members",
    "connections",
    "contacts",
    "crossings",
    "dead_letters",
    "deliveries",
    "entries",
    "erasures",
    "forms",
    "fuses",
    "histories",
    "inquiries",
    "lags",
    "metadata",
    "open_entries",
    "paces",
    "positions",
    "progress",
    "scorecards",
    "scores",
    "tallies",
    "webhooks",
]
