"""Use case: people work on a draft until it is published; who comes second is told."""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files

from sqlalchemy import Connection, Engine

from plugin.scoring.document import read_document
from plugin.scoring.edits import Edit
from plugin.scoring.loading import load
from plugin.storage import drafts, runs, scorecards
from plugin.storage.drafts import Draft
from plugin.storage.engine import for_reading

from .audit import record

#: Scorecards to begin with.
SHIPPED = ("minimal", "b2b", "b2c")


class UnknownDraft(LookupError):
    """There is no such draft; it may have been published or thrown away."""


class StaleDraft(Exception):
    """Somebody changed the draft meanwhile. Nothing was changed.

    ``seen`` is the text that the change was made on, ``draft`` the one that there is now.
    """

    def __init__(self, draft: Draft, seen: str) -> None:
        super().__init__(f"{draft.who} has changed the draft meanwhile")
        self.draft = draft
        self.seen = seen


def shipped(name: str) -> str:
    """The text of one of ``SHIPPED``; raises ``KeyError`` for another name."""
    if name not in SHIPPED:
        raise KeyError(name)
    return files("plugin").joinpath(f"scorecards/{name}.yaml").read_text(encoding="utf-8")


def begin(engine: Engine, name: str, source: str, who: str, now: datetime) -> int:
    """A new draft of this text, which need not be a scorecard yet; answers its number.

    Raises ``ScorecardError`` for a text that is not YAML: nothing could be edited in it.
    """
    read_document(source, name)
    with engine.begin() as connection:
        live = scorecards.in_force(connection)
        based_on = live.id if live else None
        record(connection, who, "draft.begun", name, None, source, now)
        return drafts.create(connection, name, source, based_on, who, now)


def draft_of(engine: Engine, number: int) -> Draft:
    """The draft of that number; raises ``UnknownDraft``."""
    with for_reading(engine).begin() as connection:
        return _found(connection, number)


def every_draft(engine: Engine) -> list[Draft]:
    """All drafts, the newest first."""
    with for_reading(engine).begin() as connection:
        return drafts.all_drafts(connection)


def change(
    engine: Engine, number: int, revision: int, edit: Edit, who: str, now: datetime
) -> Draft:
    """Edit the text that the person saw as ``revision``; answers the draft as it is then.

    Raises ``StaleDraft``, ``UnknownDraft``, ``UnknownPart``, or ``ScorecardError`` for a text that
    is not YAML.
    """
    with engine.begin() as connection:
        draft = _fresh(connection, number, revision)
        source = edit(draft.source)
        read_document(source, draft.name)
        if source != draft.source:
            drafts.save(connection, number, revision, source, who, now)
            record(connection, who, "draft.changed", draft.name, draft.source, source, now)
        return _found(connection, number)


def publish_draft(engine: Engine, number: int, revision: int, who: str, now: datetime) -> int:
    """Put the draft in force, which then is none any more; answers the version.

    Raises ``StaleDraft``, ``UnknownDraft``, or ``ScorecardError`` for what is no scorecard.
    """
    draft = draft_of(engine, number)
    load(draft.source, draft.name)
    with engine.begin() as connection:
        draft = _fresh(connection, number, revision)
        version = scorecards.publish(connection, draft.source, now)
        record(connection, who, "scorecard.published", str(version), None, draft.source, now)
        _end(connection, number)
        return version


def throw_away(engine: Engine, number: int, revision: int, who: str, now: datetime) -> None:
    """Delete the draft. Raises ``StaleDraft`` or ``UnknownDraft``."""
    with engine.begin() as connection:
        draft = _fresh(connection, number, revision)
        record(connection, who, "draft.thrown_away", draft.name, draft.source, None, now)
        _end(connection, number)


def _end(connection: Connection, number: int) -> None:
    runs.delete_about(connection, str(number))
    drafts.delete_draft(connection, number)


def _found(connection: Connection, number: int) -> Draft:
    draft = drafts.find(connection, number)
    if draft is None:
        raise UnknownDraft(f"there is no draft {number}: it was published or thrown away")
    return draft


def _fresh(connection: Connection, number: int, revision: int) -> Draft:
    draft = _found(connection, number)
    if draft.revision != revision:
        seen = drafts.source_at(connection, number, revision) or draft.source
        raise StaleDraft(draft, seen)
    return draft
