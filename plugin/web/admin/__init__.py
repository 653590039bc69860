"""The pages under ``/admin/``: one blueprint a noun, put together here."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Flask

from plugin.runtime import Runtime

from .accounts import accounts
from .actions import actions
from .activities import init_activities
from .audit import audit
from .connecting import connecting
from .connections import connections
from .contacts import contacts
from .dead import dead
from .drafts import drafts
from .errors import init_errors
from .feed import feed
from .forgetting import forgetting
from .formats import init_formats
from .headers import init_headers
from .health import health
from .joining import joining
from .judging import judging
from .keys import keys
from .languages import init_languages, languages
from .layout import init_layout
from .learning import learning
from .overview import overview
from .own_account import own_account
from .parts import parts
from .people import people
from .preferences import preferences
from .provider import provider
from .rehearsals import rehearsals
from .results import results
from .scorecard import scorecard
from .sessions import init_sessions
from .simulator import simulator
from .statics import init_statics
from .users import init_users

#: What makes the blueprint of each noun; the menu is in the manifest.
NOUNS: tuple[Callable[[Runtime], Blueprint], ...] = (
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
    scorecard,
    simulator,
)


def init_admin(app: Flask, runtime: Runtime) -> None:
    """Add the pages, their accounts and what all of them share; ``init_access`` must follow."""
    init_statics(app)
    init_languages(app)
    init_formats(app)
    init_activities(app)
    init_users(app, runtime)
    for noun in NOUNS:
        app.register_blueprint(noun(runtime))
    proxied = runtime.config.public_url.startswith("https:")
    init_sessions(app, runtime.engine, runtime.clock, proxied)
    init_layout(app, runtime.manifest)
    init_headers(app)
    init_errors(app)
