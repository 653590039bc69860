"""For supervisors and load balancers: alive, ready, and the figures."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from plugin.config import Config
from plugin.storage.inbox import Broken, Inbox, InboxFull

from .metrics import Metrics

#: With less the disk is full before somebody has read the alarm.
_FREE_BYTES = 200_000_000


def health(config: Config, inbox: Inbox, backlog: Callable[[], int], metrics: Metrics) -> Blueprint:
    """``/healthz``, ``/readyz`` (503 with its reasons) and ``/metrics``."""
    blueprint = Blueprint("health", __name__)
    metrics.backlog.set_function(backlog)

    @blueprint.get("/healthz")
    def alive() -> Response:
        return jsonify(alive=True)

    @blueprint.get("/readyz")
    def ready() -> tuple[Response, int]:
        reasons = list(_reasons(config, inbox, backlog()))
        return jsonify(ready=not reasons, reasons=reasons), 503 if reasons else 200

    @blueprint.get("/metrics")
    def figures() -> Response:
        return Response(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)

    return blueprint


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
