"""The OpenAPI description of the API, made when it is first asked for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import flask
from flask_smorest import Api, Blueprint

from plugin.web.admin.access import needs
from plugin.web.admin.running import running
from plugin.web.converters import RowNumber

from .shapes import Problem


class _Described(Api):
    """flask-smorest, but for its shape of errors."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """The application answers errors of pages and API alike."""


def description(nouns: tuple[Blueprint, ...], prefix: str) -> flask.Blueprint:
    """``/openapi.json``, which describes the views of ``nouns``, all under ``prefix``."""
    blueprint = flask.Blueprint("description", __name__)

    @blueprint.route("/openapi.json")
    @needs("viewer")
    def show() -> flask.Response:
        told = _described(nouns, prefix, running().manifest.version)
        text = flask.json.dumps(told, indent=2, sort_keys=False)
        return flask.Response(text, mimetype="application/json")

    return blueprint


@lru_cache(maxsize=1)
def _described(nouns: tuple[Blueprint, ...], prefix: str, version: str) -> dict[str, Any]:
    # By an application beside the one that serves: few processes are ever asked, and it takes half
    # as long as to start.
    app = flask.Flask(__name__)
    app.url_map.converters["int"] = RowNumber
    app.config.update(
        API_TITLE="Maturo",
        API_VERSION=version,
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
            "security": [{"key": []}],
        },
    )
    api = _Described(app)
    for noun in nouns:
        api.register_blueprint(noun, url_prefix=prefix)
    told: dict[str, Any] = api.spec.to_dict()
    return told
