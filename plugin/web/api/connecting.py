"""Connecting a platform in one step: tested, saved, fields and webhook made there."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import orjson
from flask import request
from flask_smorest import abort
from marshmallow import Schema, ValidationError, fields, validate

from plugin.runtime import Runtime
from plugin.services.connect import Connected, Request
from plugin.web.admin.access import needs, who
from plugin.web.admin.platforms import (
    NOBODY,
    WE,
    YOU,
    Named,
    bounded,
    carry_out,
    connector_named,
    known,
    outlet,
    same_place,
    way_in,
)

from .shapes import Blueprint, CheckSchema, Problem, Text

connecting = Blueprint("connecting_api", __name__, description="Connecting a platform.")


class ConnectorSettingSchema(Schema):
    """A setting that a connector asks for."""

    name = fields.String()
    required, secret = fields.Boolean(), fields.Boolean()


class ConnectorSchema(Schema):
    """What can be connected, with which settings."""

    id, name = fields.String(), fields.String()
    settings = fields.List(fields.Nested(ConnectorSettingSchema))


def _writable(given: dict[str, Any]) -> None:
    try:
        orjson.dumps(given)
    except TypeError:
        raise ValidationError("Not texts, numbers, lists and objects as JSON has them.") from None


class ConnectionWishSchema(Schema):
    """What to connect, with the settings of its connector.

    ``webhook``: whether we make it there, you do, or nobody and the platform is asked instead.
    ``address``: where the platform reaches us; without it the setting ``public_url``. ``moved``:
    the platform has a new address and is the same all the same.
    """

    connector = Text(required=True)
    settings = fields.Dict(keys=fields.String(), required=True, validate=_writable)
    webhook = fields.String(load_default=WE, validate=validate.OneOf([WE, YOU, NOBODY]))
    address = fields.Url(schemes={"http", "https"}, require_tld=False)
    moved = fields.Boolean(load_default=False)


class ConnectedSchema(Schema):
    """What was found and done. The secret is told, once, where you enter the webhook yourself."""

    checks = fields.List(fields.Nested(CheckSchema))
    webhook_secret = fields.String(allow_none=True)


@connecting.route("/connectors")
@connecting.response(200, ConnectorSchema(many=True))
@needs("admin")
def offered(runtime: Runtime) -> list[dict[str, Any]]:
    """What can be connected."""
    found = [runtime.manifest.connector(one) for one in runtime.manifest.connector_ids]
    return [
        {
            "id": one.id,
            "name": one.manifest["name"]["en"],
            "settings": [
                {"name": name, "required": it.required, "secret": it.metadata.get("secret", False)}
                for name, it in one.settings_schema().fields.items()
            ],
        }
        for one in found
    ]


@connecting.route("/connections/<name>", methods=["PUT"])
@connecting.arguments(ConnectionWishSchema)
@connecting.response(200, ConnectedSchema)
@connecting.alt_response(404, schema=Problem, description="There is no such connector.")
@connecting.alt_response(502, schema=Problem, description="The platform does not answer.")
@needs("admin")
def connect(runtime: Runtime, given: dict[str, Any], name: str) -> dict[str, Any]:
    """Connect a platform under this name, or give the connection of this name other settings.

    Nothing is saved before the platform accepts us.
    """
    if problems := Named().validate({"name": name}):
        abort(422, message=f'"{name}" is no name of a connection', errors={"path": problems})
    done = _connected(runtime, name, given)
    if not done.saved:
        found = [asdict(check) for check in done.checks]
        abort(422, message="the platform does not accept us", errors={"checks": found})
    return told(done, by_hand=given["webhook"] == YOU)


def told(done: Connected, by_hand: bool) -> dict[str, Any]:
    """What ``ConnectedSchema`` dumps."""
    return {"checks": done.checks, "webhook_secret": done.webhook_secret if by_hand else None}


def _connected(runtime: Runtime, name: str, given: dict[str, Any]) -> Connected:
    connector, before = connector_named(runtime, given["connector"]), known(runtime, name)
    address = given.get("address") or runtime.config.public_url or request.host_url
    url, mode = way_in(given["webhook"], address, name)
    # Where it leads already was decided before, perhaps on the command line.
    same = before is not None and same_place(connector, given["settings"], before)
    bound = bounded(
        runtime.config, given["settings"], connector, before.settings if before and same else {}
    )
    wanted = Request(
        name,
        connector.id,
        bound,
        None,
        url,
        moved=given["moved"],
        mode=mode,
        who=who(),
    )
    return carry_out(runtime, wanted, None if same else outlet(runtime.config))
