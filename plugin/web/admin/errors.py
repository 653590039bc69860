"""What people read when something cannot be done: what it was, and what to do."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, render_template, request
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from plugin.frames import frames
from plugin.storage.engine import OUT_OF_REACH
from plugin.web.problems import REFUSALS, database_away, problem

_log = structlog.get_logger()
_HEADLINES = {
    400: _l("This request could not be understood"),
    401: _l("You are not signed in"),
    403: _l("Your role does not allow this"),
    404: _l("There is nothing here"),
    405: _l("This cannot be done here"),
    409: _l("Somebody else was faster"),
    413: _l("This is too large"),
    429: _l("Too many tries"),
    500: _l("Something went wrong on our side"),
    502: _l("The platform did not answer, or said no"),
}
_REMEDIES = {
    400: _l("Go back, load the page again and repeat what you did."),
    401: _l("Sign in and repeat what you did."),
    403: _l("Ask an administrator of Maturo to do it, or to give you the role."),
    404: _l("The address may be mistyped, or what it showed was deleted."),
    405: _l("Go back and use the buttons of the page."),
    409: _l("Load the page again to see what was changed, then decide anew."),
    413: _l("Send less at once."),
    429: _l("Wait a minute, then try again."),
    500: _l("It was written to the log. Try again; if it stays, tell an administrator."),
    502: _l("Try again in a moment; if it stays, test the connection on its page."),
}
_STALE = _l("The page was open too long. Load it again and repeat what you did.")


def init_errors(app: Flask) -> None:
    """Answer in HTML what went wrong on a page, as a problem everywhere else."""

    def answer(error: Exception) -> Response | tuple[str, int]:
        told = problem(error)
        if not request.path.startswith(("/admin", "/verdict")):
            return told
        if isinstance(error, HTTPException) and told.status_code < 400:
            return error.get_response()  # type: ignore[return-value]
        code = told.status_code if told.status_code in _HEADLINES else 400
        remedy = _STALE if isinstance(error, CSRFError) else _REMEDIES[code]
        page = render_template("error.html", headline=_HEADLINES[code], remedy=remedy)
        return page, told.status_code

    def away(error: Exception) -> Response | tuple[str, int, dict[str, str]]:
        told = database_away()
        _log.error("database_away", page=request.endpoint, kind=type(error).__name__)
        if not request.path.startswith(("/admin", "/verdict")):
            return told
        # Not by Flask: it would look up who is signed in.
        page = app.jinja_env.get_template("away.html").render()
        return page, told.status_code, {"Retry-After": told.headers["Retry-After"]}

    def log(exc_info: Any) -> None:
        # Neither the message nor local variables: both may hold what is personal.
        kind, error, _ = exc_info
        _log.error("page_failed", page=request.endpoint, kind=kind.__name__, frames=frames(error))

    # Flask documents this method for being replaced.
    app.log_exception = log  # type: ignore[method-assign]
    for kind in REFUSALS:
        app.register_error_handler(kind, answer)
    for kind in OUT_OF_REACH:
        app.register_error_handler(kind, away)
