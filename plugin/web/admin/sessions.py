"""How long one stays signed in, and how often one may try."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Flask, request, session
from flask_limiter import Limiter
from flask_login import current_user
from flask_security import logout_user
from sqlalchemy import Engine
from werkzeug.middleware.proxy_fix import ProxyFix

from plugin.runtime import Clock

from .shared_tries import SharedTries

#: Without a click, and in all.
IDLE, LONGEST = timedelta(hours=8), timedelta(days=7)
_SINCE = "since"
#: What is guessed at: passwords, codes, links.
_GUESSED = (
    "joining.join",
    "security.login",
    "security.mf_recovery",
    "security.two_factor_token_validation",
    "security.verify",
)
_TRIES = "10 per minute; 60 per hour"


def begin_session(now: datetime) -> None:
    """Of somebody who just signed in: the token that was known before counts no more."""
    session.permanent = True
    session[_SINCE] = now.timestamp()
    session.pop("csrf_token", None)


def init_sessions(app: Flask, engine: Engine, clock: Clock, proxied: bool) -> None:
    """End sessions after ``LONGEST``, and slow down who guesses.

    ``proxied``: a reverse proxy tells who asks (the last X-Forwarded-For) and by which scheme.
    """
    if proxied:
        # Flask documents this assignment for middleware.
        app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]

    def end_old() -> None:
        if not current_user.is_authenticated:
            return
        now = clock().timestamp()
        if now - session.setdefault(_SINCE, now) >= LONGEST.total_seconds():
            logout_user()

    app.before_request(end_old)
    limiter = Limiter(
        _who_tries,
        app=app,
        storage_uri=f"{SharedTries.STORAGE_SCHEME[0]}://",
        storage_options={"engine": engine, "clock": clock},  # type: ignore[dict-item]
        headers_enabled=False,
    )
    for endpoint in _GUESSED:
        limited = limiter.limit(_TRIES, methods=["POST"])(app.view_functions[endpoint])
        app.view_functions[endpoint] = limited  # type: ignore[assignment]


def _who_tries() -> str:
    """One address of the network and one account: neither locks the others out."""
    return f"{request.remote_addr} {request.form.get('email', '').casefold()[:200]}"
