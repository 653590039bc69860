"""How everything is, and a file for whoever looks for a fault."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from plugin.room import free_bytes
from plugin.runtime import Runtime
from plugin.services.diagnose import diagnose
from plugin.services.health import Health
from plugin.services.health import health as look

from .access import needs
from .platforms import connector_named, says
from .running import running
from .saved import as_json_file

blueprint = Blueprint("health_page", __name__, url_prefix="/admin/health")


@blueprint.get("/")
@needs("viewer")
def show() -> str:
    return render_template("health/show.html", **_found(running()))


@blueprint.get("/figures")
@needs("viewer")
def figures() -> str:
    return render_template("health/figures.html", **_found(running()))


@blueprint.get("/diagnostics.json")
@needs("admin")
def diagnostics() -> Response:
    return diagnostics_file(running())


def diagnostics_file(runtime: Runtime) -> Response:
    """All that helps to find a fault; nothing secret, nothing personal."""
    now = runtime.clock()
    told = diagnose(
        runtime.engine,
        runtime.inbox,
        runtime.manifest.connector,
        runtime.manifest.version,
        runtime.config.backlog_limit,
        now,
    )
    return as_json_file(told, f"maturo-diagnostics-{now:%Y%m%d-%H%M%S}.json")


def _found(runtime: Runtime) -> dict[str, object]:
    limit, now = runtime.config.backlog_limit, runtime.clock()
    found = look(runtime.engine, runtime.inbox, limit, now)
    return {
        "found": found,
        "now": now,
        "limit": limit,
        "free": free_bytes(runtime.config),
        "database": runtime.engine.dialect.name,
        "rates": _rates(runtime, found),
        "say": says(runtime),
    }


def _rates(runtime: Runtime, found: Health) -> dict[str, float]:
    """Requests a second that each platform allows."""
    return {
        one.connection.name: connector_named(runtime, one.connection.connector).manifest["rates"][
            "requests_per_second"
        ]
        for one in found.platforms
    }
