"""The installation behind the request, for views."""

from __future__ import annotations

from flask import Flask, current_app

from plugin.runtime import Runtime

_NAME = "maturo"


def init_running(app: Flask, runtime: Runtime) -> None:
    """What ``running`` answers in this application's views."""
    app.extensions[_NAME] = runtime


def running() -> Runtime:
    """The runtime of the application that answers the request."""
    found: Runtime = current_app.extensions[_NAME]
    return found
