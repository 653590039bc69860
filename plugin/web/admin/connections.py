"""The connected platforms, and what a person does about one of them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext

from connectors.contract import Check, can
from connectors.errors import ConnectorError
from plugin.runtime import Runtime
from plugin.services.connect import Request, SettingsError
from plugin.services.health import health
from plugin.storage.connections import StoredConnection
from plugin.web.forms import form_errors, inputs, submitted

from .access import needs, who
from .platforms import (
    bounded,
    carry_out,
    checks,
    connector_named,
    examine,
    outlet,
    removed,
    republished,
    rotated,
    same_place,
    say,
    stored,
    words,
)
from .running import running

blueprint = Blueprint("connections", __name__, url_prefix="/admin/connections")


@blueprint.get("/")
@needs("viewer")
def index() -> str:
    here = running()
    found = health(here.engine, here.inbox, here.config.backlog_limit, here.clock())
    return render_template("connections/index.html", platforms=found.platforms)


@blueprint.get("/<name>")
@needs("viewer")
def show(name: str) -> str:
    return _shown(running(), stored(running(), name))


@blueprint.post("/<name>/test")
@needs("admin")
def test(name: str) -> str:
    here = running()
    source = stored(here, name)
    return _shown(here, source, examine(here, source))


@blueprint.post("/<name>/republish")
@needs("admin")
def republish(name: str) -> str:
    here = running()
    source = stored(here, name)
    return _shown(here, source, republished(here, source))


@blueprint.route("/<name>/settings", methods=["GET", "POST"])
@needs("admin")
def settings(name: str) -> Any:
    here = running()
    source = stored(here, name)
    if request.method == "POST":
        return _change(here, source)
    return _settings(here, source, dict(source.settings), {})


@blueprint.route("/<name>/secret", methods=["GET", "POST"])
@needs("admin")
def secret(name: str) -> Any:
    source = stored(running(), name)
    if request.method == "GET":
        return render_template("connections/secret.html", source=source)
    return _rotate(running(), source)


@blueprint.route("/<name>/remove", methods=["GET", "POST"])
@needs("admin")
def remove(name: str) -> Any:
    here = running()
    source = stored(here, name)
    if request.method == "GET":
        connector = connector_named(here, source.connector)
        fields = can(connector, "fields")
        return render_template("connections/remove.html", source=source, fields=fields)
    return _remove(here, source)


def _shown(
    runtime: Runtime, source: StoredConnection, found: tuple[Check, ...] = (), failed: str = ""
) -> str:
    now, limit = runtime.clock(), runtime.config.backlog_limit
    platforms = health(runtime.engine, runtime.inbox, limit, now).platforms
    connector = connector_named(runtime, source.connector)
    return render_template(
        "connections/show.html",
        source=source,
        platform=next(one for one in platforms if one.connection.name == source.name),
        connector=connector,
        checks=checks(connector, found),
        failed=failed,
        republishes=can(connector, "republish") and source.webhook_url is not None,
        say=say(connector),
    )


def _settings(
    runtime: Runtime,
    source: StoredConnection,
    values: dict[str, Any],
    problems: Any,
    found: tuple[Check, ...] = (),
    failed: str = "",
) -> str:
    connector = connector_named(runtime, source.connector)
    schema, speak = connector.settings_schema(), say(connector)
    identity = {name for name, one in schema.fields.items() if one.metadata.get("identity")}
    return render_template(
        "connections/settings.html",
        source=source,
        fields=inputs(schema, words(connector), values, problems, speak),
        problems=form_errors(problems, speak),
        moves=bool(identity & set(problems)),
        checks=checks(connector, found),
        failed=failed,
    )


def _change(runtime: Runtime, source: StoredConnection) -> Any:
    connector = connector_named(runtime, source.connector)
    values = submitted(connector.settings_schema(), request.form, source.settings)
    # Where it leads already was decided before, perhaps on the command line.
    same = same_place(connector, values, source)
    values = bounded(runtime.config, values, connector, source.settings if same else {})
    moved = "moved" in request.form
    wanted = Request(
        source.name,
        source.connector,
        values,
        None,
        None,
        moved=moved,
        mode=source.mode,
        who=who(),
    )
    way = None if same else outlet(runtime.config)
    try:
        done = carry_out(runtime, wanted, way)
    except SettingsError as error:
        return _settings(runtime, source, values, error.problems)
    except ConnectorError as error:
        return _settings(runtime, source, values, {}, failed=say(connector)(str(error)))
    if not all(check.ok for check in done.checks):
        return _settings(runtime, source, values, {}, done.checks)
    flash(gettext("The platform accepts the new settings."), "success")
    return redirect(url_for("connections.show", name=source.name), 303)


def _rotate(runtime: Runtime, source: StoredConnection) -> Any:
    connector = connector_named(runtime, source.connector)
    try:
        done = rotated(runtime, source)
    except (ConnectorError, SettingsError) as error:
        return _shown(runtime, source, failed=say(connector)(str(error)))
    if done.saved and source.webhook_url is None:
        return render_template("connections/secret.html", source=source, fresh=done.webhook_secret)
    if all(check.ok for check in done.checks):
        flash(gettext("Deliveries are signed with a new secret from now on."), "success")
        return redirect(url_for("connections.show", name=source.name), 303)
    return _shown(runtime, source, done.checks)


def _remove(runtime: Runtime, source: StoredConnection) -> Any:
    connector = connector_named(runtime, source.connector)
    done = removed(runtime, source, "delete_fields" in request.form)
    return render_template(
        "connections/removed.html", source=source, done=done, checks=checks(connector, done.checks)
    )
