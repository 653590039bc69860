"""The web face of Maturo."""

from __future__ import annotations

import os
from collections.abc import Callable

from flask import Flask
from sqlalchemy import Engine

from plugin.config import Config, load_config
from plugin.manifest import load_manifest
from plugin.runtime import Clock, Runtime, utc_now
from plugin.services.api_keys import key_of
from plugin.storage.engine import for_reading
from plugin.storage.turns import Turns
from plugin.storage.vault import open_vault
from plugin.stores import open_database, open_inbox

from .admin import init_admin
from .admin.access import init_access
from .api import init_api
from .backlog import admission, overload
from .converters import RowNumber
from .directory import remembered, stored_directory
from .health import health
from .hooks import hooks, probes
from .metrics import Metrics

#: EX_IOERR of sysexits.h: not zero, so that every supervisor starts us anew.
_EXIT_BROKEN = 74


def _end_process() -> None:
    # At once, without answering: a platform that keeps what it could not deliver keeps it only
    # when nobody answers (Mautic 6 drops its queue rows at any status, also at 503).
    os._exit(_EXIT_BROKEN)


def _show(app: Flask, runtime: Runtime) -> None:
    init_admin(app, runtime)
    init_api(app)
    init_access(app, runtime.manifest, lambda token: key_of(runtime.engine, token, runtime.clock()))


def create_app(
    config: Config | None = None,
    *,
    inbox_engine: Engine | None = None,
    on_broken: Callable[[], None] = _end_process,
    clock: Clock = utc_now,
    show: Callable[[Flask, Runtime], None] = _show,
) -> Flask:
    """The application, its settings from the environment unless given.

    ``inbox_engine`` replaces the one of the data folder; ``on_broken`` is called when the disk
    failed under the inbox; ``show`` adds what people and their programs see, pages and API.
    """
    config = config or load_config(os.environ)
    metrics = Metrics()
    engine = open_database(config)
    main = for_reading(engine)
    inbox = open_inbox(config, inbox_engine, on_commit=metrics.committed, on_broken=on_broken)

    def backlog() -> int:
        with main.connect() as connection:
            return inbox.waiting(connection, config.backlog_limit)

    vault = open_vault(config.key, config.data)
    manifest = load_manifest()
    directory = remembered(stored_directory(main, vault, manifest.connector))
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = config.body_limit
    # A redirected delivery is a lost one: platforms do not follow.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters["int"] = RowNumber
    overloaded = overload(config, backlog)
    admit = admission(overloaded)
    app.register_blueprint(probes)
    app.register_blueprint(health(config, inbox, main, vault, backlog, overloaded, metrics, clock))
    show(app, Runtime(config, manifest, engine, inbox, vault, Turns(engine), clock))
    # Flask documents this assignment for middleware.
    app.wsgi_app = hooks(  # type: ignore[method-assign,assignment]
        app.wsgi_app, inbox, directory, admit, config.body_limit, metrics, clock
    )
    return app
