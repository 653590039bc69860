"""Fields and schemas that nouns share, and how their views come to the ``Runtime``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

import flask_smorest
from marshmallow import RAISE, Schema, ValidationError, fields, validate
from webargs.flaskparser import FlaskParser

from plugin.scoring.scorecard import MICRO
from plugin.web.admin.running import running
from plugin.web.converters import LARGEST

LARGEST_PAGE = 200


class _Strict(FlaskParser):
    """Refuses unknown arguments: a mistyped one would change nothing without a word."""

    # As the library declares it.
    DEFAULT_UNKNOWN_BY_LOCATION = {"query": RAISE, "json": RAISE}  # noqa: RUF012


class Blueprint(flask_smorest.Blueprint):
    """A noun of the API. Each of its views gets the ``Runtime`` first, then what was sent."""

    ARGUMENTS_PARSER = _Strict()

    def route(self, rule: str, **options: Any) -> Callable[[Callable[..., Any]], Any]:
        """As the library's, for a function that takes the ``Runtime``."""
        add = super().route(rule, **options)
        return lambda view: add(_handed(view))


def _handed(view: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(view)
    def handed(**path: Any) -> Any:
        return view(running(), **path)

    return handed


class Points(fields.Float):
    """Micro-points of ours as the points of the outside."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> float | None:
        return None if value is None else value / MICRO


class Moment(fields.AwareDateTime):
    """A moment with its offset, ISO 8601; without one it is UTC. What was sent arrives in UTC."""

    def __init__(self, **given: Any) -> None:
        super().__init__(format="iso", default_timezone=UTC, **given)

    def _deserialize(self, value: Any, *given: Any, **more: Any) -> datetime:
        try:
            return super()._deserialize(value, *given, **more).astimezone(UTC)
        except OverflowError:
            raise ValidationError("The moment is out of range.") from None


class Text(fields.String):
    """A text that every database can keep."""

    def _deserialize(self, *given: Any, **more: Any) -> str:
        text: str = super()._deserialize(*given, **more)
        # Half of a surrogate pair travels in JSON, and nowhere else.
        kept = text.encode(errors="ignore").decode()
        if kept != text or "\0" in text:
            raise ValidationError("Not a text: it has characters that no text has.")
        return text


class Language(fields.String):
    """In which language sentences are told."""

    def __init__(self) -> None:
        super().__init__(load_default="en", validate=validate.OneOf(["en", "fr"]))


class Number(fields.Integer):
    """The number of something that we keep."""

    def __init__(self, **given: Any) -> None:
        super().__init__(validate=validate.Range(0, LARGEST), **given)


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
    after = Number(load_default=0)


class CheckSchema(Schema):
    """One step at the platform; ``remedy`` says what to do."""

    name, detail, remedy = (fields.String() for _ in range(3))
    ok = fields.Boolean()
