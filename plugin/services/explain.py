"""Use case: why this score? For any past date, and as it was known at any past date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, Engine

from plugin.scoring.explanation import Explanation, explain
from plugin.scoring.history import fields_at
from plugin.scoring.lines import Folding, Line
from plugin.storage import connections, contacts, histories, ledger, scores
from plugin.storage.engine import for_reading
from plugin.storage.vault import Vault

from .rescore import LiveScorecard, live_scorecard, scorecard_of, timeline


class UnknownContact(LookupError):
    """There is no such connection, or nothing is known of that contact; the message says which."""


def explain_contact(
    engine: Engine,
    vault: Vault,
    address: str,
    at: datetime,
    language: str,
    known_at: datetime | None = None,
) -> Explanation:
    """Explain ``CONNECTION/CONTACT`` at a moment, from the ledger. Raises ``UnknownContact``."""
    with for_reading(engine).begin() as connection:
        name, _, platform_id = address.partition("/")
        source = connections.find(connection, vault, name)
        contact = source and contacts.find(connection, source.id, platform_id)
        if contact is None:
            raise UnknownContact(
                f'nothing is known of "{address}"; expected CONNECTION/CONTACT, such as '
                "mautic/42, of a connection that `maturo connections` shows"
            )
        lines = ledger.read_lines(connection, contact.id, known_at)
        recorded = histories.read_histories(connection, [contact.id], known_at)
        live = _scorecard(connection, contact.id, lines, known_at)
    past = timeline(recorded[contact.id])
    folding = Folding(tuple(lines), live.fold(past).skipped)
    return explain(live.card, folding, at, language, fields_at(past.profile, at))


def _scorecard(
    connection: Connection, contact_id: int, lines: Iterable[Line], known_at: datetime | None
) -> LiveScorecard:
    """The scorecard the lines are of: for a while after a publication it is the one before."""
    newest = scores.read_scores(connection, [contact_id]).get(contact_id)
    if newest is not None and (known_at is None or newest.score.computed_at <= known_at):
        return scorecard_of(connection, newest.score.scorecard_id)
    live = live_scorecard(connection, known_at)
    if {line.group for line in lines} <= live.card.groups.keys():
        return live
    return scorecard_of(connection, ledger.newest_scorecard(connection, contact_id, known_at))
