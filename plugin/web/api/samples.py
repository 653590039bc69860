"""How a delivery would be read, by settings that do not count yet too; nothing is kept."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from plugin.runtime import Runtime
from plugin.services.read_sample import read_sample
from plugin.web.admin.access import needs
from plugin.web.admin.platforms import connector_named, stored

from .shapes import Blueprint, Problem, Text
from .simulations import as_item

samples = Blueprint("samples_api", __name__, description="Trying how a delivery is read.")


class SampleSchema(Schema):
    """The ``body`` of a delivery as text, with the ``headers`` it came with.

    ``settings`` are tried in place of those of the connection.
    """

    body = Text(required=True, validate=validate.Length(max=200_000))
    headers = fields.Dict(keys=Text(), values=Text(), load_default=dict)
    settings = fields.Dict(load_default=dict)


class UnreadSchema(Schema):
    """An item that could not be read: the ``index``-th, from 0."""

    index = fields.Integer()
    event, reason, raw = fields.String(), fields.String(), fields.String()


class SampleReadingSchema(Schema):
    """What was understood and what not; ``ignored`` counts events that mean nothing here."""

    items = fields.List(fields.Dict())
    broken = fields.List(fields.Nested(UnreadSchema))
    ignored = fields.Dict(keys=fields.String(), values=fields.Integer())


@samples.route("/connections/<name>/sample", methods=["POST"])
@samples.arguments(SampleSchema)
@samples.response(200, SampleReadingSchema)
@samples.alt_response(404, schema=Problem, description="There is no such connection.")
@needs("admin")
def read(runtime: Runtime, given: dict[str, Any], name: str) -> dict[str, Any]:
    """What a delivery would tell."""
    source = stored(runtime, name)
    connector = connector_named(runtime, source.connector)
    sample = given["headers"], given["body"].encode()
    found = read_sample(connector, source, given["settings"], *sample, runtime.clock())
    return {
        "items": [as_item(one) for one in found.items],
        "broken": found.broken,
        "ignored": found.ignored,
    }
