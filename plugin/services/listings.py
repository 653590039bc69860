"""Use case: pages of what the program keeps, for programs that read it."""

from __future__ import annotations

from sqlalchemy import Engine

from plugin.storage import actions, connections, dead_letters, deliveries, scorecards
from plugin.storage.actions import ListedAction
from plugin.storage.connections import KnownConnection
from plugin.storage.dead_letters import DeadLetter
from plugin.storage.deliveries import Listed
from plugin.storage.engine import for_reading
from plugin.storage.scorecards import StoredScorecard
from plugin.storage.vault import Vault

from .explain import locate


def known_connections(engine: Engine) -> list[KnownConnection]:
    """Every connection that is not removed, by name."""
    with for_reading(engine).begin() as connection:
        found = connections.known(connection)
    return [one for one in found if one.state != connections.REMOVED]


def published_scorecards(engine: Engine) -> list[StoredScorecard]:
    """Every version, the newest first."""
    with for_reading(engine).begin() as connection:
        return scorecards.versions(connection)


def open_deliveries(
    engine: Engine, limit: int, after: int = 0, state: str | None = None
) -> list[Listed]:
    """Write-backs that were not acknowledged yet, behind our number of a contact."""
    with for_reading(engine).begin() as connection:
        return deliveries.listed(connection, limit, after, state)


def asked_actions(
    engine: Engine,
    vault: Vault,
    limit: int,
    after: int = 0,
    state: str | None = None,
    address: str = "",
) -> list[ListedAction]:
    """What was asked for and done at platforms, the newest first, behind a number.

    Of everybody or of ``CONNECTION/CONTACT``; without a state not what a publication silenced.
    Raises ``UnknownContact``.
    """
    with for_reading(engine).begin() as connection:
        contact_id = locate(connection, vault, address).id if address else None
        return actions.listed(connection, limit, state, contact_id, after or None)


def waiting_letters(engine: Engine, limit: int, after: int = 0) -> list[DeadLetter]:
    """Items that could not be read, behind a number."""
    with for_reading(engine).begin() as connection:
        return dead_letters.listed(connection, limit, after)
