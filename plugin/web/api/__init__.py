"""The JSON API under ``/api/v1/``: the twin of the pages, described by OpenAPI."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask_smorest import Api

from plugin.runtime import Runtime

from .contacts import contacts
from .dead import dead
from .drift import drift
from .health import health
from .listings import listings
from .people import people
from .results import results
from .shapes import Blueprint, Problem
from .status import status

PREFIX = "/api/v1"
#: What makes the blueprint of each noun.
NOUNS: tuple[Callable[[Runtime], Blueprint], ...] = (
    contacts,
    dead,
    drift,
    health,
    listings,
    people,
    results,
    status,
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
        api.register_blueprint(noun(runtime), url_prefix=PREFIX)
