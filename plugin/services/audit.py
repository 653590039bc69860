"""Who changed what, and when: every use case that changes something for a person says so here."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Engine

from plugin.storage import audit
from plugin.storage.audit import Line
from plugin.storage.engine import for_reading

#: Who changes something from a terminal.
COMMAND_LINE = "command line"

#: Longer texts (scorecards) are told by their digest.
_LONGEST = 500
#: Who changes something without an account here.
COMMAND_LINE = "command line"


def record(
    connection: Connection,
    who: str,
    what: str,
    object: str,
    before: str | None,
    after: str | None,
    now: datetime,
) -> None:
    """Note a change in the transaction that makes it.

    ``who`` is the address of a user, or ``COMMAND_LINE``; ``what`` is a noun and a verb
    (``user.invited``); ``object`` says which one. Never give a secret.
    """
    audit.append(connection, now, who, what, object, _short(before), _short(after))


def trail(
    engine: Engine,
    *,
    what: str | None = None,
    who: str | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Line]:
    """A page of the changes, the newest first; the next page begins before its last number."""
    with for_reading(engine).begin() as connection:
        return audit.lines(connection, what=what, who=who, before_id=before_id, limit=limit)


def _short(text: str | None) -> str | None:
    if text is None or len(text) <= _LONGEST:
        return text
    return f"sha256:{sha256(text.encode()).hexdigest()}"
