"""The JSON API under ``/api/v1/``: the twin of the pages, described by OpenAPI."""

from __future__ import annotations

from flask import Flask
from flask_smorest import Api

from plugin.runtime import Runtime

from .accounts import accounts
from .actions import actions
from .audit import audit
from .backfills import backfills
from .connecting import connecting
from .connections import connections
from .contacts import contacts
from .dead import dead
from .deliveries import deliveries
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
from .shapes import Blueprint, Problem
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


class _Problems(Api):
    """flask-smorest, but for its shape of errors."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """The application answers errors of pages and API alike."""


def init_api(app: Flask, runtime: Runtime) -> None:
    """Add the API and its description at ``/api/v1/openapi.json``; ``init_access`` must follow."""
    app.config.update(
        API_TITLE="Maturo",
        API_VERSION=runtime.manifest.version,
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS={
            "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
            "security": [{"key": []}],
        },
    )
    api = _Problems(app)
    for noun in NOUNS:
        api.register_blueprint(noun, url_prefix=PREFIX)
