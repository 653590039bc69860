"""Use case: put a scorecard in force. The worker then recalculates every contact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Engine

from plugin.scoring.actions import ELSEWHERE
from plugin.scoring.loading import load
from plugin.scoring.scorecard import Action, Scorecard
from plugin.storage import connections, locks, scorecards
from plugin.storage.engine import for_reading
from plugin.storage.scorecards import StoredScorecard
from plugin.storage.vault import Vault

from .audit import record
from .drafts import shipped
from .score import Connectors


def publish(
    engine: Engine, source: str, name: str, now: datetime, who: str = "command line"
) -> int:
    """Check the text and publish it; answers its version. Raises ``ScorecardError``."""
    load(source, name)
    with engine.begin() as connection:
        version = scorecards.publish(connection, source, now)
        record(connection, who, "scorecard.published", str(version), None, source, now)
        return version


def unsupported(
    engine: Engine, vault: Vault, connectors: Connectors, card: Scorecard, name: str | None = None
) -> list[str]:
    """What the scorecard asks for and a platform cannot do, a sentence each.

    Of every connection, or of the one of that name. Raises ``UnknownConnection``.
    """
    with for_reading(engine).begin() as connection:
        stored = connections.all_connections(connection, vault)
    asked = sorted({action.name for action in _actions(card)} - ELSEWHERE)
    told = sorted({action.object for action in _actions(card) if action.name in ELSEWHERE})
    found = [source for source in stored if name in (None, source.name)]
    if name is not None and not found:
        raise connections.UnknownConnection(f'no connection "{name}": see `maturo connections`')
    nowhere = [
        f'notify names "{one}", but no connection of that name tells sales: connect one '
        "by `maturo connect`, or nobody is told"
        for one in told
        if not any(
            source.name == one
            and source.state != connections.REMOVED
            and "notify" in connectors(source.connector).manifest["actions"]
            for source in stored
        )
    ]
    return nowhere + [
        f"the platform of connection {source.name} ({source.connector}) cannot do {one}: its "
        "contacts go without it"
        for source in found
        if "update_contact" in connectors(source.connector).manifest["actions"]
        for one in asked
        if one not in connectors(source.connector).manifest["actions"]
    ]


def _actions(card: Scorecard) -> Iterator[Action]:
    for rule in card.rules:
        yield from rule.actions
    for band in card.bands:
        yield from (*band.on_rise, *band.on_fall)


class UnknownVersion(LookupError):
    """No scorecard was published under that number; the message says which there are."""


def version(engine: Engine, number: int | None) -> StoredScorecard:
    """The version of that number, or the one before the newest. Raises ``UnknownVersion``."""
    with for_reading(engine).begin() as connection:
        if number is None:
            known = scorecards.versions(connection)
            number = known[1].id if len(known) > 1 else 0
        found = scorecards.find(connection, number)
    if found is None:
        asked = f"version {number}" if number else "version before the one in force"
        raise UnknownVersion(f"there is no {asked}: `maturo scorecard versions` shows them")
    return found


def roll_back(
    engine: Engine, number: int | None, now: datetime, who: str = "command line"
) -> tuple[int, int]:
    """Publish an older text as a new version; answers both, the older one first.

    Without a number it is the text before the newest. Versions are never changed or deleted: a
    roll-back is one more. Raises ``UnknownVersion``, or ``ScorecardError`` for a text that this
    version of the program does not take any more.
    """
    older = version(engine, number)
    return older.id, publish(engine, older.source, f"version {older.id}", now, who)


def publish_default(engine: Engine, now: datetime) -> None:
    """Publish the shipped minimal scorecard where none was ever published."""
    source = shipped("minimal")
    with engine.begin() as connection:
        locks.alone(connection, "scorecards")
        if scorecards.in_force(connection) is None:
            scorecards.publish(connection, source, now)
