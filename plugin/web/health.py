"""For supervisors and load balancers: alive, ready, and the figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import Engine

from connectors.contract import Check
from plugin.config import Config
from plugin.room import little_room
from plugin.services.platform_checks import platform_checks
from plugin.storage.connections import all_connections
from plugin.storage.inbox import Broken, Inbox, InboxFull
from plugin.storage.vault import Vault, VaultError

from .metrics import Metrics
from .platform_figures import PlatformFigures
from .work_figures import WorkFigures


def health(
    config: Config,
    inbox: Inbox,
    engine: Engine,
    vault: Vault,
    backlog: Callable[[], int],
    overload: Callable[[], list[str]],
    metrics: Metrics,
    clock: Callable[[], datetime],
) -> Blueprint:
    """``/healthz``, ``/readyz`` (503 with its reasons) and ``/metrics``.

    A limit that comes near and what is wrong with a platform are warnings: the receiver can do its
    work all the same.
    """
    blueprint = Blueprint("health", __name__)
    metrics.backlog.set_function(backlog)
    metrics.registry.register(PlatformFigures(engine))
    metrics.registry.register(WorkFigures(config, engine, inbox, clock))

    @blueprint.get("/healthz")
    def alive() -> Response:
        return jsonify(alive=True)

    @blueprint.get("/readyz")
    def ready() -> tuple[Response, int]:
        if broken := [*_broken(inbox)]:
            # The rest is asked of the same server, or of the same disk.
            return jsonify(ready=False, reasons=broken, warnings=[]), 503
        reasons = [*overload(), *_locked(engine, vault)]
        warnings = [] if reasons else [*_soon(config, backlog())]
        warnings += [f"{one.detail}: {one.remedy}" for one in _at_fault(engine, clock())]
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


def _broken(inbox: Inbox) -> Iterator[str]:
    try:
        inbox.check()
    except (InboxFull, Broken) as error:
        yield str(error)


def _soon(config: Config, waiting: int) -> Iterator[str]:
    """Which limits come near."""
    if waiting >= config.backlog_limit / 2:
        yield f"{waiting} receipts wait to be scored, the limit is {config.backlog_limit}"
    if (why := little_room(config)) is not None:
        yield why
