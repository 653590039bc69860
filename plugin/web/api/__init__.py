"""The JSON API under ``/api/v1/``: the twin of the pages, described by OpenAPI."""

from __future__ import annotations

from flask import Flask

from .accounts import accounts
from .actions import actions
from .audit import audit
from .backfills import backfills
from .connecting import connecting
from .connections import connections
from .contacts import contacts
from .dead import dead
from .deliveries import deliveries
from .description import description
from .drafts import drafts
from .drift import drift
from .explanations import explanations
from .feed import feed
from .health import health
from .keys import keys
from .learning import learning
from .persons import persons
from .rehearsals import rehearsals
from .results import results
from .samples import samples
from .scorecards import scorecards
from .settings import settings
from .shapes import Blueprint
from .simulations import simulations
from .status import status
from .users import users

PREFIX = "/api/v1"
NOUNS: tuple[Blueprint, ...] = (
    accounts,
    actions,
    audit,
    backfills,
    connecting,
    connections,
    contacts,
    dead,
    deliveries,
    drafts,
    drift,
    explanations,
    feed,
    health,
    keys,
    learning,
    persons,
    rehearsals,
    results,
    samples,
    scorecards,
    settings,
    simulations,
    status,
    users,
)


def init_api(app: Flask) -> None:
    """Add the API and its description at ``/api/v1/openapi.json``; ``init_access`` must follow."""
    for noun in NOUNS:
        app.register_blueprint(noun, url_prefix=PREFIX)
    app.register_blueprint(description(NOUNS, PREFIX), url_prefix=PREFIX)
