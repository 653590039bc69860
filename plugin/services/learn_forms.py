"""Use case: ask a platform which answers of its forms are optional; only it knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Engine

from connectors.errors import AuthFailed, Refused, Transient, Unsupported
from plugin.storage import forms
from plugin.storage.connections import StoredConnection
from plugin.storage.engine import for_reading

from .deliver import Jitter, pause

#: Asks for the optional answers of a form, such as ``Session.optional_answers``.
OptionalAnswers = Callable[[str], tuple[str, ...]]


def learn_forms(
    engine: Engine,
    source: StoredConnection,
    ask: OptionalAnswers,
    limit: int,
    now: datetime,
    jitter: Jitter,
) -> int:
    """Ask about up to ``limit`` forms; answers about how many something was learnt.

    Ends at the first that cannot be answered now: only that form is asked about later, so nothing
    waits for more than one call. ``AuthFailed`` goes through where the credentials are at fault.
    """
    with for_reading(engine).begin() as connection:
        questions = forms.to_ask(connection, source.id, now, limit)
    for learnt, question in enumerate(questions):
        try:
            optional = _optional(ask, question.form)
        except Transient as error:
            wait = pause(question.attempts, error.retry_after, jitter)
            with engine.begin() as connection:
                forms.postpone(connection, source.id, question, now + wait)
            return learnt
        with engine.begin() as connection:
            forms.learn(connection, source.id, question.form, optional, now)
    return len(questions)


def _optional(ask: OptionalAnswers, form: str) -> tuple[str, ...] | None:
    try:
        return ask(form)
    except (Refused, Unsupported):
        # Deleted, or not for us: rules that need it say nothing of its submissions.
        return None
    except AuthFailed as error:
        if error.status != 403:
            raise
        return None  # Our role may not see forms; it can still do all the rest.
