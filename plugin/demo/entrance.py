"""The demo's own way in: whoever has the link it prints is its administrator, without a password.

Only the demo's process has it; what is installed for good knows nothing of it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from flask import Flask, redirect, session
from flask_security import login_user

from plugin.config import Config, load_config
from plugin.runtime import utc_now
from plugin.storage import users as storage
from plugin.stores import open_database
from plugin.web import create_app
from plugin.web.admin.users import Users
from plugin.web.server import run

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_EMAIL = "demo@example.org"


def way_in(token: str) -> str:
    """The path of the link."""
    return f"/demo/{token}"


def demo_app(token: str, config: Config) -> Flask:
    """The application, to which the link leads."""
    app, engine = create_app(config), open_database(config)
    users = Users(engine)
    with engine.begin() as connection:
        values = {"email": _EMAIL, "name": "Demo", "role": "admin", "uniquifier": token}
        if storage.find_user(connection, "email", _EMAIL) is None:
            storage.add_user(connection, {**values, "password": None}, utc_now())
    app.wsgi_app = _entered(app, users, token)  # type: ignore[method-assign,assignment]
    return app


def _entered(app: Flask, users: Users, token: str) -> WSGIApplication:
    inner = app.wsgi_app

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != way_in(token):
            return inner(environ, start_response)
        with app.request_context(environ):
            if (user := users.find_user(email=_EMAIL)) is not None:
                login_user(user)
            answer = app.make_response(redirect("/admin/"))
            app.session_interface.save_session(app, session, answer)
        return answer(environ, start_response)

    return serve


def main() -> None:
    """Serve until SIGTERM; the token is the only argument."""
    # An open live feed would hold the end for longer, and Ctrl-C ends a demo at once.
    run(load_config(os.environ), partial(demo_app, sys.argv[1]), patience=1)
