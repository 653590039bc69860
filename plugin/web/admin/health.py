"""How everything is, and a file for whoever looks for a fault."""

from __future__ import annotations

import orjson
from flask import Blueprint, Response, render_template

from plugin.room import free_bytes
from plugin.runtime import Runtime
from plugin.services.diagnose import diagnose
from plugin.services.health import Health
from plugin.services.health import health as look

from .access import needs
from .platforms import connector_named, says
from .running import running

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
    here = running()
    told = diagnose(
        here.engine,
        here.inbox,
        here.manifest.connector,
        here.manifest.version,
        here.config.backlog_limit,
        here.clock(),
    )
    name = f"maturo-diagnostics-{here.clock():%Y%m%d-%H%M%S}.json"
    return Response(
        orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z),
        mimetype="application/json",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


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
