"""Trying how a delivery would be read, by settings that do not count yet too; nothing is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, render_template, request
from marshmallow import Schema

from connectors.activity import Activity, ProfileChange, Reading, Removal
from connectors.contract import Connector
from plugin.services.connect import SettingsError
from plugin.services.read_sample import read_sample
from plugin.storage.connections import StoredConnection
from plugin.web.forms import inputs, submitted

from .access import needs
from .platforms import connector_named, say, stored, words
from .running import running

blueprint = Blueprint("samples", __name__, url_prefix="/admin/connections/<name>/sample")

#: As long as the largest body that the receiver takes by default.
_LONGEST = 8_000_000


@blueprint.get("")
@needs("admin")
def show(name: str) -> str:
    source = stored(running(), name)
    return _page(source, source.settings, {}, None)


@blueprint.post("")
@needs("admin")
def read(name: str) -> str | tuple[str, int]:
    here = running()
    source = stored(here, name)
    connector = connector_named(here, source.connector)
    changed = submitted(_tried(connector), request.form)
    body = request.form.get("body", "").strip()[:_LONGEST].encode()
    try:
        found = read_sample(connector, source, changed, _headers(), body, here.clock())
    except SettingsError as error:
        return _page(source, changed, error.problems, None), 422
    return _page(source, changed, {}, found)


def _page(
    source: StoredConnection,
    values: Mapping[str, Any],
    problems: Mapping[str, Any],
    found: Reading | None,
) -> str:
    connector = connector_named(running(), source.connector)
    speak = say(connector)
    return render_template(
        "samples/show.html",
        source=source,
        fields=inputs(_tried(connector), words(connector), values, problems, speak),
        body=request.form.get("body", ""),
        headers=request.form.get("headers", ""),
        found=found,
        told=_sorted(found) if found else {},
        say=speak,
    )


def _tried(connector: Connector) -> Schema:
    """The settings that say how a delivery is read: the documents among them."""
    fields = connector.settings_schema().fields
    documents = [name for name, one in fields.items() if one.metadata.get("document")]
    return connector.settings_schema(only=documents)


def _headers() -> dict[str, str]:
    lines = (line.partition(":") for line in request.form.get("headers", "").splitlines())
    return {name.strip(): value.strip() for name, mark, value in lines if mark}


def _sorted(found: Reading) -> dict[str, Any]:
    kinds = {"activities": Activity, "profiles": ProfileChange, "removals": Removal}
    return {
        name: [one for one in found.items if isinstance(one, kind)] for name, kind in kinds.items()
    }
