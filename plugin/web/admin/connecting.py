"""Connecting a platform step by step; every step has an address to come back to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import get_timezone, gettext
from marshmallow import ValidationError, validate
from werkzeug.wrappers import Response

from connectors.contract import Connector, can
from connectors.errors import ConnectorError
from plugin.runtime import Runtime
from plugin.services.backfill import order_backfill, standing
from plugin.services.connect import Connected, Request, SettingsError, try_out
from plugin.services.watch import heard
from plugin.storage import connections
from plugin.storage.connections import StoredConnection
from plugin.web.forms import Input, form_errors, inputs, submitted

from .access import needs, who
from .platforms import (
    NOBODY,
    WE,
    YOU,
    Named,
    bounded,
    carry_out,
    checks,
    connector_named,
    outlet,
    say,
    stored,
    talk,
    way_in,
    words,
)
from .running import running

#: Looks for the first delivery until it is said where it may have got lost.
_PATIENCE = 15
blueprint = Blueprint("connecting", __name__, url_prefix="/admin/connections")


@blueprint.get("/new")
@needs("admin")
def choose() -> str:
    offered = [running().manifest.connector(one) for one in running().manifest.connector_ids]
    return render_template("connecting/choose.html", connectors=offered)


@blueprint.route("/new/<connector_id>", methods=["GET", "POST"])
@needs("admin")
def credentials(connector_id: str) -> Any:
    connector = connector_named(running(), connector_id)
    if request.method == "POST":
        return _try(running(), connector)
    return _asked(connector, {"name": connector.id}, {})


@blueprint.route("/<name>/setup", methods=["GET", "POST"])
@needs("admin")
def setup(name: str) -> Any:
    here = running()
    source, done = stored(here, name), None
    if request.method == "POST":
        done, failed = _prepare(here, source, request.form.get("webhook", WE))
        return _setup(here, stored(here, name), done, failed)
    return _setup(here, source, None, "")


@blueprint.get("/<name>/setup/heard")
@needs("admin")
def listen(name: str) -> str:
    source = stored(running(), name)
    tries = request.args.get("tries", 0, int)
    advice = _advice(running(), source) if tries >= _PATIENCE else ""
    return render_template(
        "connecting/heard.html", source=source, tries=tries + 1, advice=advice, **_heard(source)
    )


def _heard(source: StoredConnection) -> dict[str, Any]:
    return {"heard": heard(running().engine, source.name)}


@blueprint.route("/<name>/backfill", methods=["GET", "POST"])
@needs("admin")
def past(name: str) -> Any:
    here = running()
    source = stored(here, name)
    if request.method == "POST":
        _order(here, source)
        return redirect(url_for("connecting.setup", name=name) + "#past", 303)
    found = standing(here.engine, source)
    return render_template("connecting/past.html", source=source, past=found)


def _try(runtime: Runtime, connector: Connector) -> Any:
    settings = submitted(connector.settings_schema(), request.form)
    given = {"name": request.form.get("name", "").strip(), **settings}
    try:
        name = Named().load({"name": given["name"]})["name"]
        bound = bounded(runtime.config, settings, connector, {})
        wanted = Request(name, connector.id, bound, None, None, who=who())
        done = try_out(
            runtime.engine,
            runtime.vault,
            connector,
            wanted,
            runtime.clock(),
            outlet(runtime.config),
        )
    except ValidationError as error:
        return _asked(connector, given, error.messages_dict)
    except SettingsError as error:
        return _asked(connector, given, error.problems)
    except ConnectorError as error:
        return _asked(connector, given, {}, failed=say(connector)(str(error)))
    if not done.saved:
        return _asked(connector, given, {}, done=done)
    return _to(url_for("connecting.setup", name=name))


def _to(address: str) -> Response:
    """A redirect that htmx follows with the whole page."""
    if "HX-Request" in request.headers:
        return Response(status=204, headers={"HX-Redirect": address})
    return redirect(address, 303)


def _asked(
    connector: Connector,
    given: dict[str, Any],
    problems: Any,
    done: Connected | None = None,
    failed: str = "",
) -> str:
    speak = say(connector)
    told = gettext("What this platform is called here; part of the webhook’s address.")
    named = {"name": {"name": gettext("Name"), "help": told}}
    shown = (
        *inputs(connector.settings_schema(), words(connector), given, problems, speak),
        *inputs(Named(), named, given, problems, speak),
    )
    return render_template(
        "connecting/credentials.html",
        connector=connector,
        fields=_marked(shown),
        problems=form_errors(problems, speak),
        checks=checks(connector, done.checks) if done else (),
        failed=failed,
    )


def _marked(shown: tuple[Input, ...]) -> tuple[Input, ...]:
    """The first field that is wrong gets the focus, else the first one."""
    first = next((one.name for one in shown if one.errors), shown[0].name)
    return tuple(replace(one, focus=one.name == first) for one in shown)


def _prepare(
    runtime: Runtime, source: StoredConnection, webhook: str
) -> tuple[Connected | None, str]:
    """Fields and webhook; what was done, or why nothing could be."""
    connector = connector_named(runtime, source.connector)
    address = request.form.get("address", "").strip()
    url, mode = way_in(webhook, address, source.name)
    wanted = Request(
        source.name,
        source.connector,
        source.settings,
        None,
        url,
        mode=mode,
        who=who(),
    )
    try:
        _check_address(address, webhook)
        made = carry_out(runtime, wanted)
    except (ConnectorError, SettingsError, ValidationError) as error:
        return None, " ".join(map(say(connector), _messages(error)))
    return made, ""


def _messages(error: Exception) -> list[str]:
    if isinstance(error, ValidationError):
        return [str(one) for one in error.messages]
    return [str(error)]


def _check_address(address: str, webhook: str) -> None:
    if webhook == WE:
        validate.URL(schemes={"http", "https"}, require_tld=False)(address)


def _setup(runtime: Runtime, source: StoredConnection, done: Connected | None, failed: str) -> str:
    connector = connector_named(runtime, source.connector)
    address = runtime.config.public_url or request.host_url.rstrip("/")
    ways = connector.manifest["ingest"]
    return render_template(
        "connecting/setup.html",
        source=source,
        connector=connector,
        address=request.form.get("address", address),
        chosen=request.form.get("webhook", _chosen(connector, source)),
        makes_webhook=can(connector, "webhook"),
        makes_fields=can(connector, "fields"),
        hears="webhook" in ways,
        polls="poll" in ways,
        events=[event for event, told in connector.manifest["events"].items() if told],
        by_hand=source.mode != connections.POLL and source.webhook_url is None,
        ready=source.state != connections.SETTING_UP,
        checks=checks(connector, done.checks) if done else (),
        failed=failed,
        heard=heard(runtime.engine, source.name),
        tries=1,
        advice="",
        past=standing(runtime.engine, source),
    )


def _chosen(connector: Connector, source: StoredConnection) -> str:
    if "webhook" not in connector.manifest["ingest"] or source.mode == connections.POLL:
        return NOBODY
    return WE if can(connector, "webhook") else YOU


def _advice(runtime: Runtime, source: StoredConnection) -> str:
    connector = connector_named(runtime, source.connector)
    if source.webhook_url is None:
        return ""
    with talk(runtime, source) as session:
        return say(connector)(session.why_silent(source.webhook_url))


def _order(runtime: Runtime, source: StoredConnection) -> None:
    since = None
    if request.form.get("past") == "since":
        try:
            since = _beginning(request.form.get("since", ""))
        except ValueError:
            flash(gettext("Choose the day from which the past is to be read."), "error")
            return
    order_backfill(runtime.engine, source, since, runtime.clock(), who())
    flash(gettext("The worker reads the past of %(name)s now.", name=source.name), "success")


def _beginning(day: str) -> datetime:
    """When the day begins where the reader lives. Raises ``ValueError``."""
    zone = ZoneInfo(str(get_timezone()))
    return datetime.combine(date.fromisoformat(day), time(), zone).astimezone(UTC)
