"""Fields and schemas that nouns share."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import flask_smorest
from marshmallow import RAISE, Schema, fields, validate
from webargs.flaskparser import FlaskParser

from plugin.scoring.scorecard import MICRO

LARGEST_PAGE = 200


class _Strict(FlaskParser):
    """Refuses unknown arguments: a mistyped one would change nothing without a word."""

    # As the library declares it.
    DEFAULT_UNKNOWN_BY_LOCATION = {"query": RAISE, "json": RAISE}  # noqa: RUF012


class Blueprint(flask_smorest.Blueprint):
    """A blueprint of the API."""

    ARGUMENTS_PARSER = _Strict()


class Points(fields.Float):
    """Micro-points of ours as the points of the outside."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> float | None:
        return None if value is None else value / MICRO


class Moment(fields.AwareDateTime):
    """A moment with its offset, ISO 8601; without one it is UTC."""

    def __init__(self, **given: Any) -> None:
        super().__init__(format="iso", default_timezone=UTC, **given)


class Problem(Schema):
    """RFC 9457; ``errors`` says what is wrong with which field."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict()


class Page(Schema):
    """Which part of a list: ``after`` is the ``id`` of the last one seen."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, LARGEST_PAGE))
    after = fields.Integer(load_default=0, validate=validate.Range(0, 2**63 - 1))
