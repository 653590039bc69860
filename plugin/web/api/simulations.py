"""Simulations: what an activity would bring somebody. Nothing is stored."""

from __future__ import annotations

from typing import Any

import orjson
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from connectors.activity import KINDS, Item, Reading, fields_of
from plugin.runtime import Runtime
from plugin.services.simulate import Side, one_activity, read_payload, simulate
from plugin.web.admin.access import needs

from .explanations import ExplanationSchema, as_told
from .shapes import Blueprint, Language, Problem, Text

simulations = Blueprint("simulations_api", __name__, description="What would it bring?")


class HappeningSchema(Schema):
    """What is imagined: an activity of a ``kind``, ``about`` a page, form, e-mail or file by its
    name or address; or else the ``payload`` of a webhook, as text, of a ``connection``."""

    contact = Text(
        load_default="",
        metadata={"description": "CONNECTION/CONTACT; without it somebody nobody knows yet"},
    )
    kind = Text(validate=validate.OneOf(sorted(KINDS)))
    about = Text(load_default="", validate=validate.Length(max=2000))
    connection = Text()
    payload = Text(validate=validate.Length(max=200_000))
    lang = Language()

    @validates_schema
    def _one_of_both(self, given: dict[str, Any], **_: Any) -> None:
        if ("kind" in given) == ("payload" in given):
            raise ValidationError("Give either a kind or a payload.", "kind")
        if ("payload" in given) != ("connection" in given):
            raise ValidationError("A payload goes with the connection it is of.", "connection")


class SideSchema(ExplanationSchema):
    """The score and all it is made of, with the band."""

    band = fields.String()


class BrokenSchema(Schema):
    """Something of the payload that could not be read."""

    event, reason = fields.String(), fields.String()


class SimulationSchema(Schema):
    """Before and after; ``items`` are what was understood of the payload, ``broken`` what not."""

    before, after = fields.Nested(SideSchema), fields.Nested(SideSchema)
    items = fields.List(fields.Dict())
    broken = fields.List(fields.Nested(BrokenSchema))


@simulations.route("/simulations", methods=["POST"])
@simulations.arguments(HappeningSchema)
@simulations.response(200, SimulationSchema)
@simulations.alt_response(404, schema=Problem, description="No such contact or connection.")
@needs("marketer")
def run(runtime: Runtime, given: dict[str, Any]) -> dict[str, Any]:
    """The score now, and if it had happened."""
    known, told = (runtime.engine, runtime.vault), _told(runtime, given)
    found = simulate(*known, given["contact"], told, runtime.clock(), given["lang"])
    return {
        "before": _side(found.before),
        "after": _side(found.after),
        "items": [as_item(one) for one in found.items],
        "broken": found.broken,
    }


def _told(runtime: Runtime, given: dict[str, Any]) -> Reading:
    if "kind" in given:
        return one_activity(given["kind"], given["about"], runtime.clock())
    known = (runtime.engine, runtime.vault, runtime.manifest.connector)
    return read_payload(*known, given["connection"], given["payload"].encode())


def _side(side: Side) -> dict[str, Any]:
    return as_told(side.explanation) | {"band": side.band}


def as_item(item: Item) -> dict[str, Any]:
    """What was understood, and of which kind."""
    told: dict[str, Any] = orjson.loads(orjson.dumps(fields_of(item)))
    return {"what": type(item).__name__, **told}
