"""The pages under ``/admin/``: one blueprint a noun, put together here."""

from __future__ import annotations

from flask import Flask

from plugin.runtime import Runtime

from . import (
    accounts,
    actions,
    audit,
    connecting,
    connections,
    contacts,
    dead,
    drafts,
    feed,
    forgetting,
    health,
    joining,
    judging,
    keys,
    languages,
    learning,
    overview,
    own_account,
    parts,
    people,
    preferences,
    provider,
    rehearsals,
    results,
    samples,
    scorecard,
    simulator,
)
from .activities import init_activities
from .errors import init_errors
from .formats import init_formats
from .headers import init_headers
from .languages import init_languages
from .layout import init_layout
from .running import init_running
from .sessions import init_sessions
from .statics import init_statics
from .users import init_users

#: A blueprint each; the menu is in the manifest.
NOUNS = (
    accounts,
    actions,
    audit,
    connecting,
    connections,
    contacts,
    dead,
    drafts,
    feed,
    forgetting,
    health,
    joining,
    judging,
    keys,
    languages,
    learning,
    overview,
    own_account,
    parts,
    people,
    preferences,
    provider,
    rehearsals,
    results,
    samples,
    scorecard,
    simulator,
)


def init_admin(app: Flask, runtime: Runtime) -> None:
    """Add the pages, their accounts and what all of them share; ``init_access`` must follow."""
    init_running(app, runtime)
    init_statics(app)
    init_languages(app)
    init_formats(app)
    init_activities(app)
    init_users(app, runtime)
    feed.init_feed(app, runtime.config.threads)
    provider.init_provider(app, runtime.config)
    for noun in NOUNS:
        app.register_blueprint(noun.blueprint)
    proxied = runtime.config.public_url.startswith("https:")
    init_sessions(app, runtime.engine, runtime.clock, proxied)
    init_layout(app, runtime.manifest)
    init_headers(app)
    init_errors(app)
