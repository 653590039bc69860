"""For supervisors and load balancers: alive, ready, and the figures."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import Engine

from connectors.contract import Check
from plugin.config import Config
from plugin.services.platform_checks import platform_checks
from plugin.storage.connections import all_connections
from plugin.storage.inbox import Broken, Inbox, InboxFull
from plugin.storage.vault import Vault, VaultError

from .metrics import Metrics
from .platform_figures import PlatformFigures

#: With less the disk is full before somebody has read the alarm.
_FREE_BYTES = 200_000_000


def health(
    config: Config,
    inbox: Inbox,
    engine: Engine,
    vault: Vault,
    backlog: Callable[[], int],
    metrics: Metrics,
    clock: Callable[[], datetime],
) -> Blueprint:
    """``/healthz``, ``/readyz`` (503 with its reasons) and ``/metrics``.

    What is wrong with a platform is a warning: the receiver can do its work all the same.
    """
    blueprint = Blueprint("health", __name__)
    metrics.backlog.set_function(backlog)
    metrics.registry.register(PlatformFigures(engine))

    @blueprint.get("/healthz")
    def alive() -> Response:
        return jsonify(alive=True)

    @blueprint.get("/readyz")
    def ready() -> tuple[Response, int]:
        reasons = [*_reasons(config, inbox, backlog()), *_locked(engine, vault)]
        warnings = [f"{one.detail}: {one.remedy}" for one in _at_fault(engine, clock())]
        told = jsonify(ready=not reasons, reasons=reasons, warnings=warnings)
        return told, 503 if reasons else 200

    @blueprint.get("/metrics")
    def figures() -> Response:
        return Response(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)

    return blueprint


def _locked(engine: Engine, vault: Vault) -> Iterator[str]:
    """With another key no signature can be checked: every delivery would be turned away."""
    try:
        with engine.connect() as connection:
            all_connections(connection, vault)
    except VaultError as error:
        yield str(error)


def _at_fault(engine: Engine, now: datetime) -> Iterator[Check]:
    return (one for one in platform_checks(engine, now) if not one.ok)


def _reasons(config: Config, inbox: Inbox, waiting: int) -> Iterator[str]:
    try:
        inbox.check()
    except (InboxFull, Broken) as error:
        yield str(error)
    if waiting >= config.backlog_limit:
        yield f"{waiting} receipts wait to be scored, the limit is {config.backlog_limit}"
    if config.database_url:
        return  # How much room the server has, the server's own monitoring knows.
    free = shutil.disk_usage(config.data).free
    if free < _FREE_BYTES:
        yield f"{free} bytes free in the data folder, expected {_FREE_BYTES} or more"
