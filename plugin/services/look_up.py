"""Use case: the score of one contact as it is stored, and what the platform holds of it."""

from __future__ import annotations

from sqlalchemy import Engine

from plugin.storage import scores
from plugin.storage.engine import for_reading
from plugin.storage.scores import StoredScore
from plugin.storage.vault import Vault

from .explain import locate


def score_of(engine: Engine, vault: Vault, address: str) -> StoredScore | None:
    """The newest score of ``CONNECTION/CONTACT``, ``None`` before the first.

    Raises ``UnknownContact``.
    """
    with for_reading(engine).begin() as connection:
        contact = locate(connection, vault, address)
        return scores.read_scores(connection, [contact.id]).get(contact.id)
