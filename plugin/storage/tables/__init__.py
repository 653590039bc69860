"""The tables of the main database, by family."""

from __future__ import annotations

from .columns import metadata
from .of_contacts import (
    activities,
    arrivals,
    categories,
    company_facts,
    company_members,
    contacts,
    email_keys,
    erasures,
    forms,
    histories,
    identities,
    inquiries,
    verdicts,
)
from .of_drafts import draft_revisions, drafts, runs
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
    accounts,
    challenger_scores,
    challengers,
    crossings,
    entries,
    open_entries,
    reports,
    scorecards,
    scores,
)
from .of_users import api_keys, audit, invitations, tries, users

__all__ = [
    "accounts",
    "actions",
    "activities",
    "api_keys",
    "arrivals",
    "audit",
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
    "draft_revisions",
    "drafts",
    "email_keys",
    "entries",
    "erasures",
    "forms",
    "fuses",
    "histories",
    "identities",
    "inquiries",
    "invitations",
    "lags",
    "metadata",
    "open_entries",
    "paces",
    "positions",
    "progress",
    "reports",
    "runs",
    "scorecards",
    "scores",
    "tallies",
    "tries",
    "users",
    "verdicts",
    "webhooks",
]
