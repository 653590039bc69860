"""Use case: why this score? For any past date, and as it was known at any past date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from plugin.scoring.explanation import Explanation, explain
from plugin.scoring.history import History, fields_at
from plugin.scoring.lines import Folding, Line
from plugin.storage import connections, contacts, ledger, scores
from plugin.storage.contacts import StoredContact
from plugin.storage.engine import for_reading
from plugin.storage.vault import Vault

from .pasts import pasts
from .rescore import LiveScorecard, live_scorecard, scorecard_of


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
        contact = locate(connection, vault, address)
        return known_of(connection, contact.id, known_at).explain(at, language)


def locate(connection: Connection, vault: Vault, address: str) -> StoredContact:
    """The contact ``CONNECTION/CONTACT``. Raises ``UnknownContact``."""
    name, _, platform_id = address.partition("/")
    source = connections.find(connection, vault, name)
    contact = contacts.find(connection, source.id, platform_id) if source else None
    if contact is None:
        raise UnknownContact(
            f'nothing is known of "{address}"; expected CONNECTION/CONTACT, such as '
            "crm/42, of a connection that `maturo connections` shows"
        )
    return contact


@dataclass(frozen=True, slots=True)
class Known:
    """All that a score is made of, as it was known at one moment."""

    past: History
    live: LiveScorecard
    folding: Folding

    def explain(self, at: datetime, language: str) -> Explanation:
        """The score at a moment, in words."""
        fields = fields_at(self.past.profile, at)
        return explain(self.live.card, self.folding, at, language, fields)


def known_of(connection: Connection, contact_id: int, known_at: datetime | None = None) -> Known:
    """What is known of a contact (our id), or was at a past moment; the lines are the ledger's."""
    lines = ledger.read_lines(connection, contact_id, known_at)
    live = _scorecard(connection, contact_id, lines, known_at)
    past = pasts(connection, live.card, [contact_id], known_at)[contact_id]
    return Known(past, live, Folding(tuple(lines), live.fold(past).skipped))


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
